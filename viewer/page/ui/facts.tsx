import type { ComponentChildren, JSX } from 'preact';
import type { Entry } from '../../../lib/chain/entry';
import { useApp } from './app-context';
import { Icon } from './icon';
import { Named, Text } from './text';
import { Time } from './time';

/** The members of an entry that every entry may have, in words. */
export function Facts({ entry }: { entry: Entry }): JSX.Element {
  const { viewer, t, format } = useApp();
  const { actor, actorName, actorType, onBehalfOf, action, outcome, id, seq, tenantId } = entry;
  const { resource, resourceName, resourceType, occurredAt, recordedAt, via } = entry;
  const d = t.detail;
  return (
    <dl class="facts">
      <Fact label={t.filter.actor}>
        <Named name={actorName} id={actor} as={Text} />
      </Fact>
      {actorType ? <Fact label={d.actorType}>{t.actorTypes[actorType]}</Fact> : null}
      {onBehalfOf === undefined ? null : (
        <Fact label={d.onBehalfOf}>
          {viewer.nameOf(onBehalfOf) === undefined ? (
            <Text text={onBehalfOf} />
          ) : (
            <Named name={viewer.nameOf(onBehalfOf)} id={onBehalfOf} as={Text} />
          )}
        </Fact>
      )}
      <Fact label={t.filter.action}>
        <Named name={viewer.titleOf(action)} id={action} as={Text} />
      </Fact>
      {resource === undefined && resourceName === undefined ? null : (
        <Fact label={t.filter.resource}>
          <Named name={resourceName} id={resource ?? ''} as={Text} />
        </Fact>
      )}
      {resourceType === undefined ? null : (
        <Fact label={d.resourceType}>
          <Text text={resourceType} />
        </Fact>
      )}
      <Fact label={t.filter.outcome}>
        <span class={`outcome ${outcome}`}>
          <Icon name={outcome} />
          {t.outcomes[outcome]}
        </span>
      </Fact>
      <Fact label={d.occurredAt}>
        <Instant instant={occurredAt} />
      </Fact>
      <Fact label={d.recordedAt}>
        <Instant instant={recordedAt} />
      </Fact>
      <Fact label={d.seq}>{format.number(seq)}</Fact>
      <Fact label={d.id}>
        <Text text={id} />
      </Fact>
      <Fact label={d.tenantId}>
        <Text text={tenantId} />
      </Fact>
      {via === undefined ? null : (
        <Fact label={d.via}>
          <Text text={via} />
        </Fact>
      )}
    </dl>
  );
}

/** One member with its name. */
export function Fact({
  label,
  children,
}: {
  label: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Instant({ instant }: { instant: string }): JSX.Element {
  return (
    <>
      <Time instant={instant} isExact /> <span class="muted">{instant}</span>
    </>
  );
}
