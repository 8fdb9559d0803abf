/** Other plugins, which replace this file: here are none. */
export const others = async () => undefined;
