import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Entry } from '../../../lib/chain/entry';
import type { JsonObject } from '../../../lib/chain/json';
import { useApp } from './app-context';
import { CopyButton } from './copy-button';
import { DifferenceView } from './difference-view';
import { Explanation } from './explanation';
import { Fact, Facts } from './facts';
import { JsonTree } from './json';
import { Line, Text } from './text';

/** One entry in full. */
export function EntryView({ entry }: { entry: Entry }): JSX.Element {
  const { viewer, t } = useApp();
  const { seq, context, metadata, before, after, commitments, hash, prevHash } = entry;
  const mark = viewer.verification?.markOf(seq) ?? { state: 'pending' };
  const d = t.detail;
  return (
    <>
      <Explanation mark={mark} seq={seq} />
      <Part title={d.facts}>
        <Facts entry={entry} />
      </Part>
      {before === undefined && after === undefined ? null : (
        <Part title={d.changes}>
          <DifferenceView before={before} after={after} />
        </Part>
      )}
      {context ? (
        <Part title={d.context}>
          <Context context={context} />
        </Part>
      ) : null}
      {metadata === undefined ? null : (
        <Part title={d.metadata}>
          <JsonTree value={metadata} />
        </Part>
      )}
      {commitments ? (
        <Part title={d.commitments}>
          <JsonTree value={commitments} />
        </Part>
      ) : null}
      <Part title={d.seal}>
        <dl class="facts">
          <Fact label={d.hash}>
            <code>{hash}</code>
          </Fact>
          <Fact label={d.prevHash}>
            <code>{prevHash}</code>
          </Fact>
        </dl>
      </Part>
      <Raw entry={entry} />
    </>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** The request behind the entry; members that are known by their name in words. */
function Context({ context }: { context: JsonObject }): JSX.Element {
  const { t } = useApp();
  const labels: Record<string, string> = t.context;
  return (
    <dl class="facts">
      {Object.entries(context).map(([name, value]) => (
        <Fact key={name} label={Object.hasOwn(labels, name) ? labels[name] : <Line text={name} />}>
          <JsonTree value={value} depth={1} />
        </Fact>
      ))}
    </dl>
  );
}

function Raw({ entry }: { entry: Entry }): JSX.Element {
  const { t } = useApp();
  const [isOpen, setOpen] = useState(false);
  const text = (): string => JSON.stringify(entry, null, 2);
  return (
    <details class="part" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h3>{t.detail.raw}</h3>
      </summary>
      {isOpen ? (
        <>
          <pre>
            <Text text={text()} isJson />
          </pre>
          <CopyButton label={t.detail.copyRaw} text={text} />
        </>
      ) : null}
    </details>
  );
}
