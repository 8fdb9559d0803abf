import type { PageTexts, VerifyTexts } from './en';
import { counterIn } from './plural';

const n = counterIn('de');
const number = (value: number): string => new Intl.NumberFormat('de').format(value);
const entries = (count: number): string => n(count, 'Eintrag', 'Einträge');
const toEntries = (count: number): string => n(count, 'Eintrag', 'Einträgen');

const altered = (isOtherProven: boolean): string =>
  isOtherProven
    ? ', den eine Signatur bestätigt: Dieser hier wurde verändert oder ersetzt.'
    : ': Einer der beiden wurde verändert oder ersetzt.';

/** What the page says, in German. */
export const pageDe: PageTexts = {
  title: 'Audit-Protokoll',
  home: 'Zurück',
  close: 'Schließen',
  retry: 'Erneut versuchen',
  showAll: (length) => `Alle ${number(length)} Zeichen zeigen`,
  showMore: (count) => `${number(count)} weitere zeigen`,
  showLess: 'Weniger zeigen',
  utc: (text) => `UTC: ${text}`,
  live: {
    connecting: 'Verbinde …',
    live: 'Live',
    lost: 'Verbindung verloren, neuer Versuch …',
    off: 'Nicht live: Der Zeitraum ist vorbei',
    fresh: (count) => n(count, 'neuer Eintrag', 'neue Einträge'),
    many: 'Viele neue Einträge',
  },
  filter: {
    label: 'Filter',
    toggle: (count) => (count === 0 ? 'Filter' : `Filter (${count})`),
    search: 'Geladene Einträge durchsuchen',
    searchHint: (found, loaded) =>
      `${number(found)} von ${number(loaded)} geladenen Einträgen. Was nicht geladen ist, wird nicht durchsucht.`,
    actor: 'Akteur',
    action: 'Aktion',
    actions: 'Bekannte Aktionen',
    actors: 'Bekannte Akteure',
    resource: 'Ressource',
    outcome: 'Ergebnis',
    any: 'Alle',
    or: 'oder',
    period: 'Zeitraum',
    all: 'Gesamte Zeit',
    '24h': 'Letzte 24 Stunden',
    '7d': 'Letzte 7 Tage',
    '30d': 'Letzte 30 Tage',
    own: 'Von … bis …',
    from: 'Von',
    to: 'Vor',
    reset: 'Filter zurücksetzen',
    more: 'Mehr Filter',
    less: 'Weniger Filter',
    searchAll: 'Alle Einträge durchsuchen',
    text: 'Wörter im Eintrag',
    resourceType: 'Art der Ressource',
    notActor: 'Nicht von',
    onBehalfOf: 'Im Namen von',
    ipAddress: 'IP-Adresse',
    requestId: 'Kennung der Anfrage',
    occurredFrom: 'Geschehen ab',
    occurredTo: 'Geschehen vor',
    moreHint:
      'Mehrere Werte: „a | b“. Ohne bestimmte Aktionen oder Arten: „!a“. Geschehen kann etwas sein, bevor es aufgezeichnet wurde.',
  },
  outcomes: { success: 'Erfolg', failure: 'Fehler', denied: 'Verweigert' },
  actorTypes: {
    user: 'Benutzer',
    support: 'Support',
    service: 'Dienst',
    system: 'System',
    anonymous: 'Anonym',
  },
  histogram: {
    label: 'Einträge im Zeitverlauf',
    span: (from, to) => `${from} – ${to}`,
    count: (count, isMore) => (isMore ? `${number(count)} Einträge oder mehr` : entries(count)),
    total: (count, isMore) => (isMore ? `mehr als ${entries(count)}` : entries(count)),
    from: 'Anfang des gewählten Zeitraums',
    to: 'Ende des gewählten Zeitraums',
    keys: 'Pfeiltasten verschieben, Eingabe übernimmt, Escape verwirft',
    failed: 'Die Übersicht konnte nicht geladen werden.',
    uncounted:
      'Diese Filter sehen Einträge einzeln an: Eine Übersicht über das, was sie finden werden, gibt es nicht.',
    empty: 'Keine Einträge in diesem Zeitraum.',
  },
  list: {
    label: 'Einträge, neueste zuerst',
    time: (zone) => `Zeit (${zone})`,
    mark: 'Prüfung',
    loading: 'Einträge werden geladen …',
    loaded: (count, isMore) => (isMore ? `${entries(count)} geladen, es gibt weitere` : entries(count)),
    end: 'Ältere gibt es nicht.',
    moreFailed: 'Weitere Einträge konnten nicht geladen werden.',
    broken: (seq, first) => {
      if (seq === null) return 'Ein Eintrag';
      const isRun = first !== undefined && first < seq;
      return isRun ? `Einträge ${number(first)} bis ${number(seq)}` : `Eintrag ${number(seq)}`;
    },
    missing: (first, last) => `${first === last ? 'fehlt' : 'fehlen'} im Protokoll.`,
    keys: 'Pfeiltasten bewegen, Eingabe öffnet einen Eintrag',
    onBehalfOf: 'für',
    lookedAt: (count, time) => `${entries(count)} angesehen${time === null ? '' : `, zurück bis ${time}`}.`,
    lookFurther: 'Weitersuchen',
  },
  state: {
    nothing: 'Noch ist nichts aufgezeichnet',
    noMatch: 'Kein Eintrag passt zu diesen Filtern',
    noMatchYet: 'Bisher kein Eintrag gefunden',
    noMatchLoaded: 'Keiner der geladenen Einträge enthält diesen Text',
    signedOut: 'Sie sind nicht angemeldet',
    signedOutHint: 'Melden Sie sich an, um das Audit-Protokoll zu sehen, und versuchen Sie es erneut.',
    forbidden: 'Sie dürfen dieses Audit-Protokoll nicht lesen',
    forbiddenHint: 'Bitten Sie die Administration Ihrer Organisation um die Berechtigung.',
    failed: 'Das Audit-Protokoll konnte nicht geladen werden',
    offline: 'Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung.',
    status: (status) => `Der Server hat mit Status ${status} geantwortet.`,
  },
  mark: {
    pending: 'Wird geprüft',
    checked: 'Geprüft',
    unanchored: 'Aufgezeichnet',
    broken: 'Beschädigt',
  },
  explain: {
    title: 'Prüfung in Ihrem Browser',
    pending: 'Dieser Eintrag wird gerade geprüft.',
    content:
      'Ihr Browser hat den Inhalt dieses Eintrags geprüft: Er passt zu seinem Siegel, das sich auf keinen anderen Inhalt übertragen lässt.',
    own: (size) =>
      `Er gehört zu den ersten ${toEntries(size)}, die der Betreiber dieses Protokolls signiert hat.`,
    linked: (through, size) =>
      `Eintrag ${number(through)} gehört zu den ersten ${toEntries(size)}, die der Betreiber dieses Protokolls signiert hat, und sein Siegel umfasst alle Einträge bis zurück zu diesem.`,
    limits:
      'Er wurde also seit der Signatur nicht verändert. Das zeigt nicht, dass seine Angaben wahr sind, und nicht, dass alles aufgezeichnet wurde. Der Schlüssel kommt von diesem Server: Vergleichen Sie ihn mit einem, den Sie auf anderem Weg erhalten haben.',
    unanchored: {
      permission: 'Er kann mit nichts Signiertem verglichen werden: Ihnen fehlt die Berechtigung „verify“.',
      none: 'Von diesem Protokoll wurde noch nichts signiert.',
      unsigned: 'Dieses Protokoll wird nicht signiert.',
      later: (size) =>
        `Er ist neuer als die letzte Signatur, die ${entries(size)} umfasst. Die nächste wird auch ihn umfassen. Mit ihm ist alles in Ordnung.`,
      proof: 'Der Server hat noch keinen Beweis für ihn.',
      refused:
        'Für ihn lässt sich kein Beweis erstellen, weil etwas in seiner Nähe verändert oder entfernt wurde, oder er selbst. „Ganzes Protokoll prüfen“ zeigt, was.',
      unreachable: 'Der Beweis konnte nicht geladen werden. Es wird erneut versucht.',
    },
    unanchoredLimits:
      'Bis er signiert ist, könnte ihn jemand mit Zugriff auf die Datenbank unbemerkt umschreiben.',
    fault: {
      hash: 'Der Inhalt dieses Eintrags passt nicht zu seinem Siegel (Hash): Er wurde nach der Aufzeichnung verändert.',
      tenant: 'Dieser Eintrag gehört zum Protokoll einer anderen Organisation: Er wurde hierher verschoben.',
      note: 'Die neueste Signatur ist nicht vom Schlüssel dieses Protokolls: Nichts lässt sich mit ihr vergleichen.',
      proof:
        'Sein Beweis führt zu nichts, was mit dem Schlüssel dieses Protokolls signiert wurde: Der Eintrag oder der Beweis ist gefälscht.',
      before: (seq, isProven) => `Er schließt nicht an Eintrag ${number(seq)} an${altered(isProven)}`,
      after: (seq, isProven) => `An ihn schließt Eintrag ${number(seq)} nicht an${altered(isProven)}`,
      unreadable:
        'Was an dieser Stelle gespeichert ist, ist kein Eintrag: Er wurde nach der Aufzeichnung verändert, sodass er sich nicht zeigen lässt.',
      found: (message) => `Der Server stellte fest: ${message}`,
      missing:
        'Was hier aufgezeichnet wurde, wurde aus der Datenbank entfernt. Spätere Einträge oder eine Signatur zeigen, dass es da war.',
    },
    brokenHint:
      'Kopieren Sie diesen Eintrag, und informieren Sie die für Sicherheit Verantwortlichen Ihrer Organisation.',
    faultHint: 'Informieren Sie die für Sicherheit Verantwortlichen Ihrer Organisation.',
    key: 'Schlüssel dieses Protokolls',
  },
  detail: {
    label: 'Eintrag',
    number: (seq) => `Eintrag ${number(seq)}`,
    loading: 'Der Eintrag wird geladen …',
    notFound: 'Diesen Eintrag gibt es in diesem Protokoll nicht',
    failed: 'Der Eintrag konnte nicht geladen werden',
    previous: 'Vorheriger Eintrag',
    next: 'Nächster Eintrag',
    newest: 'Dies ist der neueste Eintrag',
    copyLink: 'Link kopieren',
    copied: 'Kopiert',
    copyFailed: 'Kopieren Sie diesen Link:',
    facts: 'Was geschehen ist',
    occurredAt: 'Geschehen',
    recordedAt: 'Aufgezeichnet',
    actorType: 'Art des Akteurs',
    onBehalfOf: 'Im Namen von',
    resourceType: 'Art der Ressource',
    tenantId: 'Organisation',
    id: 'Kennung des Eintrags',
    seq: 'Nummer im Protokoll',
    context: 'Anfrage',
    metadata: 'Weitere Angaben',
    via: 'API-Schlüssel',
    commitments: 'Festlegungen auf anderswo verwahrte Werte',
    changes: 'Änderungen',
    seal: 'Siegel',
    hash: 'Hash',
    prevHash: 'Hash des vorherigen Eintrags',
    raw: 'JSON im Original',
    copyRaw: 'JSON kopieren',
  },
  context: {
    ipAddress: 'IP-Adresse',
    userAgent: 'Browser',
    method: 'Methode',
    route: 'Route',
    path: 'Pfad',
    statusCode: 'Status',
    durationMs: 'Dauer (ms)',
    requestId: 'Kennung der Anfrage',
    traceId: 'Trace-Kennung',
  },
  difference: {
    member: 'Feld',
    before: 'Vorher',
    after: 'Nachher',
    whole: 'Wert',
    absent: 'nicht vorhanden',
    added: 'hinzugefügt',
    removed: 'entfernt',
    changed: 'geändert',
    same: 'unverändert',
    unchanged: (count) => n(count, 'unverändertes Feld', 'unveränderte Felder'),
    summary: (count) => (count === 0 ? 'Nichts geändert' : n(count, 'Änderung', 'Änderungen')),
  },
  json: {
    members: (count) => n(count, 'Feld', 'Felder'),
    items: (count) => n(count, 'Element', 'Elemente'),
    empty: 'leer',
  },
  export: {
    open: 'Exportieren',
    title: 'Einträge exportieren',
    scope: 'Die Einträge, die zu den aktuellen Filtern passen.',
    notThese:
      'Eine Datei lässt sich nur für einen Akteur, eine Aktion, eine Ressource, ein Ergebnis und für Zeiträume prüfen. Entfernen Sie zuerst die anderen Filter, und filtern Sie, was Sie bekommen.',
    format: 'Format',
    jsonl: 'JSON Lines',
    json: 'JSON',
    csv: 'CSV für Tabellenprogramme',
    proof: 'Mit Beweis',
    proofHint:
      'Die Datei lässt sich ohne diesen Server prüfen. Ist nur nach Zeit gefiltert, beweist sie auch, dass nichts fehlt.',
    cancel: 'Abbrechen',
    progress: (megabytes, records) => `Bisher ${megabytes} MB, ${n(records, 'Datensatz', 'Datensätze')}`,
    done: (megabytes, records) => `Gespeichert: ${megabytes} MB, ${n(records, 'Datensatz', 'Datensätze')}.`,
    cut: 'Die Verbindung brach ab. Nichts wurde gespeichert.',
    failed: 'Der Export ist fehlgeschlagen. Nichts wurde gespeichert.',
    verify: 'Nachweisdatei prüfen',
  },
  report: {
    open: 'Ganzes Protokoll prüfen',
    running: 'Der Server liest jeden Eintrag. Bei einem langen Protokoll dauert das eine Weile.',
    intact: 'Das Protokoll ist unversehrt',
    broken: 'Das Protokoll ist beschädigt',
    brokenHint:
      'Kopieren Sie, was hier steht, und informieren Sie die für Sicherheit Verantwortlichen Ihrer Organisation, bevor etwas repariert wird.',
    size: (size) =>
      `${entries(size)} geprüft: Der Inhalt jedes Eintrags passt zu seinem Siegel, und jeder schließt an den vorherigen an.`,
    anchored: (size) => `Die ersten ${entries(size)} sind so, wie sie signiert wurden.`,
    unanchored: 'Nichts von diesem Protokoll ist signiert.',
    problems: (count) => n(count, 'Problem', 'Probleme'),
    notices: 'Zu beachten',
    notice: {
      reopened: 'Dieses Protokoll wurde wieder geöffnet, etwa nach der Rückkehr zu einer Sicherung:',
      unproven: 'Über dieses Protokoll wird etwas behauptet, das kein bekannter Schlüssel signiert hat:',
    },
    more: (count) => `… und ${number(count)} weitere.`,
    source: 'So sagt es der Server. Für eine eigene Prüfung exportieren Sie mit Beweis und prüfen die Datei.',
    failed: 'Die Prüfung konnte nicht abgeschlossen werden.',
  },
  streams: {
    open: (count) => n(count, 'Weiterleitung', 'Weiterleitungen'),
    title: 'Weiterleitungen an andere Systeme',
    states: { delivering: 'Liefert', failing: 'Gestört', paused: 'Angehalten' },
    address: 'Ziel',
    delivered: 'Gelieferte Einträge',
    waiting: 'Wartende Einträge',
    setAside: 'Abgelehnt und beiseitegelegt',
    lastSuccess: 'Letzter Erfolg',
    lastError: 'Letzter Fehler',
    hint: 'Solange eine Weiterleitung gestört oder angehalten ist, geht nichts verloren: Was wartet, wird danach geliefert.',
    failed: 'Der neueste Stand konnte nicht geladen werden.',
  },
  checkpoint: {
    signed: (size) => `Signiert: ${entries(size)}`,
    none: 'Noch nichts signiert',
    unsigned: 'Nicht signiert',
    forged: 'Signatur ungültig',
  },
  change: {
    key: 'Der Schlüssel dieses Protokolls ist nicht der, den dieser Browser zuvor sah. Wenn Ihnen niemand einen neuen angekündigt hat, fragen Sie die Verantwortlichen für Sicherheit, bevor Sie fortfahren.',
    unsigned: 'Dieses Protokoll war signiert, als dieser Browser es zuvor sah. Jetzt ist es das nicht mehr.',
    shrunk: (before, now) =>
      `Dieser Browser sah zuvor eine Signatur von ${toEntries(before)}; die neueste ist von ${number(now)}. Vielleicht wurden Einträge entfernt.`,
    rewritten: (size) =>
      `Dieser Browser sah zuvor eine andere Signatur von ${toEntries(size)}. Vielleicht wurde das Protokoll umgeschrieben.`,
    forged:
      'Die neueste Signatur ist nicht vom Schlüssel dieses Protokolls. Verlassen Sie sich nicht auf das, was Sie hier sehen.',
    accept: 'Man hat mir den Grund genannt',
    now: 'Jetzt',
  },
};

const PROVES_LITTLE = 'Stimmt mit sich selbst überein, was wenig beweist';
const UNCHECKED = 'Konnte nicht geprüft werden';

const verdicts: VerifyTexts['verdicts'] = {
  signed: {
    title: 'Unversehrt',
    detail:
      'Seit der Unterschrift wurde nichts verändert, und unterschrieben hat ein Schlüssel, den Sie angegeben haben.',
  },
  pinned: {
    title: 'Unversehrt',
    detail: 'Die ganze Datei ist so, wie sie war, als der Prüfpunkt gemacht wurde, den Sie angegeben haben.',
  },
  signedAndPinned: {
    title: 'Unversehrt',
    detail:
      'Ein Schlüssel, den Sie angegeben haben, hat sie unterschrieben, und sie stimmt mit dem angegebenen Prüfpunkt überein.',
  },
  broken: {
    title: 'Nicht unversehrt',
    detail:
      'Sie wurde verändert, oder ein anderer Schlüssel als Ihrer hat sie unterschrieben. Sehen Sie nach, ob es der richtige Schlüssel und die Datei ist, die Sie bekommen haben; fragen Sie sonst nach dem Grund, und verlassen Sie sich bis dahin nicht darauf.',
  },
  selfSigned: {
    title: PROVES_LITTLE,
    detail:
      'Unterschrieben hat ein Schlüssel, für den nur die Datei selbst bürgt: Wer die Datei erfunden hat, kann auch den Schlüssel erfunden haben. Geben Sie den Schlüssel des Protokolls ein, den Sie aus anderer Quelle haben, und prüfen Sie erneut.',
  },
  unsigned: {
    title: PROVES_LITTLE,
    detail:
      'Niemand hat sie unterschrieben: Jeder kann sie gemacht haben. Vergleichen Sie sie mit einem Prüfpunkt, der anderswo aufbewahrt wurde.',
  },
  allowedSelfSigned: {
    title: PROVES_LITTLE,
    detail:
      'Unterschrieben hat ein Schlüssel aus der Datei, was Sie zugelassen haben. Wer die Datei erfunden hat, kann auch den Schlüssel erfunden haben.',
  },
  allowedUnsigned: {
    title: PROVES_LITTLE,
    detail: 'Niemand hat sie unterschrieben, was Sie zugelassen haben. Jeder kann sie gemacht haben.',
  },
  pinnedInPart: {
    title: 'In sich unversehrt, nur zum Teil bestätigt',
    detail:
      'Sie stimmt mit dem angegebenen Prüfpunkt überein, aber der deckt sie nicht ganz ab. Geben Sie auch den Schlüssel des Protokolls ein.',
  },
  signedNotCompared: {
    title: 'Von einem angegebenen Schlüssel unterschrieben, aber nicht verglichen',
    detail:
      'Seit der Unterschrift wurde nichts verändert. Mit dem angegebenen Prüfpunkt lässt sie sich nicht auch noch vergleichen: Der Grund, und worum Sie bitten können, steht unten.',
  },
  cannotTell: {
    title: 'In sich unversehrt, aber nicht verglichen',
    detail:
      'Sie ist in sich stimmig. Mit dem angegebenen Prüfpunkt lässt sie sich nicht vergleichen: Der Grund, und worum Sie bitten können, steht unten.',
  },
  uncompared: {
    title: 'In sich unversehrt, aber nicht verglichen',
    detail: 'Keiner der angegebenen Prüfpunkte gehört zu diesem Protokoll.',
  },
  plain: {
    title: 'Kein Nachweis: ein Export ohne Beweis',
    detail:
      'Die Datei ist eine Liste zum Lesen. Sie enthält nichts, was sie beweisen würde, also kann niemand sie prüfen. Verlangen Sie einen Export mit Beweis.',
  },
  noEvidence: {
    title: UNCHECKED,
    detail:
      'Das ist keine lesbare Nachweisdatei. Eine Tabellenkalkulation, die eine Datei speichert, verändert sie: Prüfen Sie die Datei, wie Sie sie bekommen haben.',
  },
  empty: { title: UNCHECKED, detail: 'Die Datei gehört zu einem Protokoll ohne Einträge.' },
  badKey: {
    title: UNCHECKED,
    detail:
      'Eine Zeile, die Sie als Prüfschlüssel eingegeben haben, ist kein Schlüssel. Berichtigen Sie sie, und prüfen Sie erneut.',
  },
  badCheckpoint: {
    title: UNCHECKED,
    detail: 'Der eingegebene Prüfpunkt ist keiner. Berichtigen Sie ihn, und prüfen Sie erneut.',
  },
  unreadable: {
    title: UNCHECKED,
    detail:
      'Der Browser konnte die Datei nicht lesen. Vielleicht ist es ein Ordner, oder sie wurde verschoben oder geändert.',
  },
};

/** All that the page says that checks evidence, in German. */
export const verifyDe: VerifyTexts = {
  title: 'Nachweisdatei prüfen',
  intro:
    'Stellt fest, ob ein exportiertes Audit-Protokoll noch das ist, was unterschrieben wurde. Die Datei wird in diesem Browser gelesen und geht nirgendwohin: Diese Seite kann nichts senden.',
  trust: {
    heading: '1. Was Sie aus anderer Quelle haben',
    intro:
      'Eine Datei kann nur zum Teil für sich selbst bürgen. Geben Sie ein, was nicht mit ihr kam: aus einer früheren Prüfung, einem Vertrag oder vom Sicherheitsbeauftragten persönlich.',
    keys: 'Prüfschlüssel',
    keysHint:
      'Ein Schlüssel sagt, wessen Unterschrift es ist. Er ist nicht geheim und sieht aus wie „protokoll/mandant+1a2b3c4d+AbC…“. Je Zeile einer, wie Sie ihn bekommen haben. Eine Datei, die keiner davon unterschrieben hat, wird abgewiesen.',
    badKey: 'Das ist kein Prüfschlüssel:',
    checkpoint: 'Ein älterer Prüfpunkt (freiwillig)',
    checkpointHint:
      'Wenige unterschriebene Zeilen (checkpoint), die sagen, wie dasselbe Protokoll zu einem früheren Zeitpunkt war. Jeder Export endet mit einem: Bewahren Sie ihn für das nächste Mal auf. Mit ihm kann nicht einmal, wer den Signaturschlüssel hat, das Frühere verändert haben.',
    chooseCheckpoint: 'Prüfpunktdatei auswählen',
    badCheckpoint:
      'Das ist kein Prüfpunkt: Es sollte der ganze Text sein, wie Sie ihn bekommen haben, oder eine Datei mit einem je Zeile.',
    largeCheckpoint: 'Diese Datei ist zu groß für eine mit Prüfpunkten.',
    allow: 'Den Schlüssel aus der Datei gelten lassen',
    allowHint:
      'Nur für einen ersten Blick: Es zeigt, ob die Datei in sich stimmt, nicht, wer sie gemacht hat. Nicht zusammen mit Prüfschlüsseln.',
  },
  drop: {
    heading: '2. Die Nachweisdateien',
    choose: 'Dateien auswählen',
    or: 'oder hier ablegen',
    formats: 'CSV, JSON oder JSON Lines, beliebig groß, so wie sie exportiert wurden',
  },
  results: 'Ergebnisse',
  waiting: 'Wartet',
  checking: 'Wird geprüft',
  progress: (done, all, percent) => `${done} von ${all} (${percent})`,
  cancel: 'Abbrechen',
  cancelled: 'Abgebrochen: Über diese Datei ist nichts bekannt.',
  again: 'Erneut prüfen',
  remove: 'Entfernen',
  stale: 'Was Sie aus anderer Quelle haben, wurde seit dieser Prüfung geändert.',
  verdicts,
  figures: {
    heading: 'Was geprüft wurde',
    claims: 'Was die Datei von sich sagt',
    tenant: 'Organisation (Mandant)',
    ledger: 'Protokoll',
    exportedAt: 'Exportiert am',
    filter: 'Filter',
    noFilter: 'keiner: alle Einträge wurden verlangt',
    filters: {
      actor: 'Akteur',
      action: 'Aktion',
      resource: 'Ressource',
      outcome: 'Ergebnis',
      from: 'Aufgezeichnet ab',
      to: 'Aufgezeichnet vor',
    },
    entries: 'Einträge in der Datei',
    ofSize: (count, size) => `${count} von ${size} im Protokoll`,
    matches: 'Passende Einträge',
    andOwn: (count) => `${count}, dazu die Aufzeichnung dieses Exports`,
    omitted: 'Ausgelassene Einträge',
    complete: 'Vollständig',
    completeness: {
      complete: 'bewiesen: kein Eintrag, der vor dem Export aufgezeichnet wurde, fehlt',
      range: 'bewiesen: kein Eintrag aus diesem Zeitraum, der vor dem Export aufgezeichnet wurde, fehlt',
      filtered: 'nicht bewiesen: auch ausgelassene Einträge können passen',
    },
    matching: 'Erster und letzter passender',
    none: 'keiner',
    to: (first, last) => `${first} und ${last}`,
    anchored: 'Bestätigt',
    anchoredTo: (size) => `bis Eintrag ${size}`,
    anchoredNot: 'nichts',
    anchor: 'Bestätigt durch',
    anchors: {
      pinned: 'den Prüfpunkt, den Sie angegeben haben',
      signed: 'einen Schlüssel, den Sie angegeben haben',
      'self-signed': 'einen Schlüssel aus der Datei selbst',
      unsigned: 'nichts: niemand hat unterschrieben',
      none: 'nichts',
    },
    pin: 'Vergleich mit Ihrem Prüfpunkt',
    pins: { matches: 'stimmt überein', differs: 'weicht ab', 'cannot tell': 'nicht vergleichbar' },
  },
  proven: 'Bewiesen (auf Englisch)',
  notProven: 'Nicht bewiesen (auf Englisch)',
  problems: {
    heading: 'Probleme',
    caption: (shown, all) => `${shown} von ${all} Problemen, in der Reihenfolge der Datei`,
    kind: 'Art',
    seq: 'Eintrag',
    message: 'Was nicht stimmt (auf Englisch)',
    kinds: {
      altered: 'verändert',
      relinked: 'schließt nicht an',
      missing: 'fehlt',
      duplicated: 'doppelt',
      foreign: 'aus anderem Protokoll',
      backdated: 'rückdatiert',
      unreadable: 'nicht lesbar',
      truncated: 'abgeschnitten',
      rewritten: 'umgeschrieben',
    },
  },
  keys: {
    heading: 'Schlüssel in der Datei',
    intro:
      'Für sich beweisen sie nichts. Vergleichen Sie sie Zeichen für Zeichen mit dem Schlüssel, den Sie haben.',
    more: (count) => `und ${count} weitere`,
    copy: 'Kopieren',
    copyKey: (n) => `Schlüssel ${n} kopieren`,
    copied: 'Kopiert',
    isGiven: 'derselbe wie ein Schlüssel, den Sie angegeben haben',
  },
  hiddenCharacter: (name) => `unsichtbares Zeichen ${name}`,
  cut: (count) => `… (insgesamt ${count} Zeichen)`,
};
