import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router } from 'express';
import { sensitive } from 'express-audit-ledger';
import { requireUser, userOf } from '../auth';
import { csvRow } from '../csv';
import { HttpError } from '../http-error';
import { textIn } from '../input';
import type { Models } from '../models';

const IMPORT_LIMIT = 1000;

/** The tenant's contacts, in and out. */
export function contactRoutes({ Contact }: Models): Router {
  const router = Router();

  // Nothing to record here: the middleware sees a download, and counts its bytes.
  router.get('/contacts.csv', sensitive('personal data'), requireUser, async (req, res) => {
    const { tenantId } = userOf(req);
    res.type('csv').attachment('contacts.csv');
    await pipeline(Readable.from(rows(tenantId)), res);
  });

  router.post('/contacts/import', requireUser, async (req, res) => {
    const { tenantId } = userOf(req);
    // Nor here: the model records each contact, in the transaction that makes it.
    const contacts = await Contact.insertMany(
      contactsIn(req.body).map((contact) => ({ ...contact, tenantId })),
    );
    res.status(201).json({ imported: contacts.length });
  });

  async function* rows(tenantId: string): AsyncGenerator<string> {
    yield csvRow(['name', 'email']);
    for await (const { name, email } of Contact.find({ tenantId }).sort({ _id: 1 }))
      yield csvRow([name, email]);
  }

  return router;
}

function contactsIn(body: unknown): { name: string; email: string }[] {
  if (Array.isArray(body) && body.length > 0 && body.length <= IMPORT_LIMIT)
    return body.map((contact) => ({ name: textIn(contact, 'name'), email: textIn(contact, 'email') }));
  throw new HttpError(400, `Send an array of 1 to ${IMPORT_LIMIT} contacts.`);
}
