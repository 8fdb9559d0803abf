import { route } from '../../lib/audit.js';
import { fileUploaded } from '../../lib/service.js';

export const POST = route(async (request) => {
  const file = (await request.formData()).get('file');
  await fileUploaded(file.size);
  return Response.json({});
});
