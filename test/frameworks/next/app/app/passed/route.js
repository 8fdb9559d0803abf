export const GET = () => Response.json({ passed: true });
