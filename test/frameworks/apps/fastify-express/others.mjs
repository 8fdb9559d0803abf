import express from '@fastify/express';

/** Express under Fastify: it redefines members of the raw request and response. */
export const others = async (app) => {
  await app.register(express);
  app.use((_req, res, next) => {
    res.setHeader('x-express', 'was here');
    next();
  });
};
