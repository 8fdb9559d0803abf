import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { Announcer } from './announcer';
import { CheckCard } from './check-card';
import { type Check, Checks } from './checks';
import { DropZone } from './drop-zone';
import { useLocale } from './locale';
import { NOTHING_GIVEN, trustOf } from './trust';
import { TrustForm } from './trust-form';

/** The page that checks evidence. */
export function App(): JSX.Element {
  const { texts } = useLocale();
  const [fields, setFields] = useState(NOTHING_GIVEN);
  const [list, setList] = useState<readonly Check[]>([]);
  const trust = useMemo(() => trustOf(fields), [fields]);
  const now = useRef(trust);
  now.current = trust;
  const checks = useMemo(() => new Checks(() => now.current, setList), []);
  return (
    <main>
      <header>
        <h1>{texts.title}</h1>
        <p class="intro">{texts.intro}</p>
      </header>
      <TrustForm fields={fields} trust={trust} onChange={setFields} />
      <DropZone onFiles={(files) => checks.add(files)} />
      <Announcer checks={list} />
      {list.length > 0 && (
        <section aria-labelledby="results">
          <h2 id="results">{texts.results}</h2>
          {list.map((check) => (
            <CheckCard key={check.id} check={check} checks={checks} trust={trust} />
          ))}
        </section>
      )}
    </main>
  );
}
