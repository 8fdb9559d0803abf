/* eslint-disable @typescript-eslint/ban-ts-comment -- kept in the declarations: without Express's types these are `any`, and no error */

/** @ts-ignore */
export type Request = import('express').Request;
/** @ts-ignore */
export type Response = import('express').Response;
/** @ts-ignore */
export type RequestHandler = import('express').RequestHandler;
/** @ts-ignore */
export type ErrorRequestHandler = import('express').ErrorRequestHandler;
/** @ts-ignore */
export type Router = import('express').Router;
