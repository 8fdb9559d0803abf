import middie from '@fastify/middie';

/** Middleware of Connect under Fastify, which is given the raw request and response. */
export const others = async (app) => {
  await app.register(middie);
  app.use((_req, res, next) => {
    res.setHeader('x-middie', 'was here');
    next();
  });
};
