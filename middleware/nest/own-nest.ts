/* eslint-disable @typescript-eslint/no-require-imports -- peers that only this entry needs; since Nest 12 ES modules, which `require` loads */

/** What a class is to Nest, which makes its instances. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as Nest's own `Type`
export type Class<Instance = any> = new (...args: any[]) => Instance;

/** What `imports` of a module take, as Nest declares it. Not its own type: without Nest this would not compile. */
export interface DynamicModule {
  module: Class;
  global?: boolean;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- modules of the application, of whatever kind
  imports?: any[];
  controllers?: Class[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- providers in each of their forms
  providers?: any[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tokens
  exports?: any[];
}

/** A server that Nest runs on: Express or Fastify. */
export interface HttpAdapter {
  getType(): string;
  getInstance(): unknown;
  use(middleware: unknown): unknown;
}

/** Where Nest keeps its server, which it may get after its modules: in tests. */
export interface HttpAdapterHost {
  readonly httpAdapter: HttpAdapter | null | undefined;
  readonly init$: { subscribe(told: () => void): unknown };
}

type Decorate<Target> = (target: Target) => void;
type DecorateMember = (target: object, name: string | symbol, descriptor: PropertyDescriptor) => void;
type DecorateParameter = (target: object, name: string, position: number) => void;

interface Common {
  readonly Inject: (token: unknown) => (target: object, name: string | symbol) => void;
  readonly Controller: (options: { path: string | string[]; version: unknown }) => Decorate<Class>;
  readonly UseGuards: (...guards: unknown[]) => Decorate<Class>;
  readonly All: (path: string) => DecorateMember;
  readonly Req: () => DecorateParameter;
  readonly Res: () => DecorateParameter;
  readonly VERSION_NEUTRAL: unknown;
}

/** The decorators, which are functions: called by hand, they need no setting of the compiler. */
export const { Inject, Controller, UseGuards, All, Req, Res, VERSION_NEUTRAL } =
  require('@nestjs/common') as Common;

export const { HttpAdapterHost } = require('@nestjs/core') as { HttpAdapterHost: Class };

/** What `reflect-metadata` adds, which Nest loads. */
export const metadata = Reflect as unknown as {
  getOwnMetadataKeys(target: object): unknown[];
  getOwnMetadata(key: unknown, target: object): unknown;
  defineMetadata(key: unknown, value: unknown, target: object): void;
};
