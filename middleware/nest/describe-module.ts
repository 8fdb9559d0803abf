import { Audit } from '../../lib/audit';
import { followRequests } from './follow-requests';
import { type ModuleOptions, type ModuleParts, parseModuleOptions } from './options';
import { type Class, type DynamicModule, HttpAdapterHost, UseGuards } from './own-nest';
import { createTrailController, serveTrail } from './trail-controller';

/** What Nest must know of the module before its options are there. */
export interface ModuleFrame {
  /** Whether all modules may inject `AuditService`, and not only those that import this one. True when left out. */
  isGlobal?: boolean | undefined;
  /** Modules with what `inject` and `guards` need. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- modules of the application, of whatever kind
  imports?: any[] | undefined;
  /** Guards of the trail, for applications that have none for all routes. */
  guards?: (Class | object)[] | undefined;
}

/** Options of the module that a factory gives, as elsewhere in Nest. */
export interface AsyncModuleOptions<Options> extends ModuleFrame {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tokens
  inject?: any[] | undefined;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what was injected
  useFactory: (...injected: any[]) => Options | Promise<Options>;
}

const OPENED = Symbol('express-audit-ledger: opened');

/** Describes the module to Nest. All that it has belongs to this description: there may be several in one process. */
export function describeModule<Created extends object>(
  module: Class,
  {
    isGlobal = true,
    imports = [],
    guards = [],
    inject = [],
    useFactory,
  }: AsyncModuleOptions<ModuleOptions<Created>>,
  createAudit: (options: Created | undefined) => Audit,
): DynamicModule {
  const controller = createTrailController();
  if (guards.length > 0) UseGuards(...guards)(controller);
  return {
    module,
    global: isGlobal,
    imports,
    controllers: [controller],
    providers: [
      {
        provide: OPENED,
        inject: [HttpAdapterHost, ...(inject as unknown[])],
        useFactory: async (host: HttpAdapterHost, ...injected: unknown[]) =>
          new OpenedLedger(parseModuleOptions(await useFactory(...injected), createAudit), host, controller),
      },
      { provide: Audit, inject: [OPENED], useFactory: ({ audit }: OpenedLedger) => audit },
    ],
    exports: [Audit],
  };
}

/** The module's ledger, from its options to the end of the application. */
class OpenedLedger {
  readonly audit: Audit;
  readonly #isOwn: boolean;

  constructor(
    { audit, isOwn, capturing, below, trail }: ModuleParts,
    host: HttpAdapterHost,
    controller: Class,
  ) {
    this.audit = audit;
    this.#isOwn = isOwn;
    // At once where there is a server; tests of an application make its modules first.
    host.init$.subscribe(() => {
      const { httpAdapter } = host;
      if (!httpAdapter) return;
      followRequests(httpAdapter, capturing, below);
      if (trail) serveTrail(controller, trail, httpAdapter.getType());
    });
  }

  /** Nest has closed the server by then, and waits for this. */
  async onApplicationShutdown(): Promise<void> {
    if (this.#isOwn) await this.audit.close();
  }
}
