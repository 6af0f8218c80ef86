/** Calls over HTTP. Whatever goes wrong becomes a `Problem` with a code and a sentence. */

const PATIENCE = 15_000;

export class Problem extends Error {
  constructor(code, message, more = {}) {
    super(message);
    Object.assign(this, { code, field: more.field ?? null, retryAfterMs: more.retry_after_ms ?? null });
  }
}

export const OFFLINE = "The service cannot be reached. Check the connection, then try again.";

/** What the service answers; null where it has nothing to say. Raises Problem. */
export async function call(method, path, { body, query, patience = PATIENCE } = {}) {
  const address = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") address.searchParams.set(name, value);
  }
  let answer;
  try {
    answer = await fetch(address, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    throw new Problem("offline", OFFLINE);
  }
  if (answer.status === 204) return null;
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  throw new Problem(said.code ?? "fault", said.detail ?? "The service made a mistake. Please try again.", said);
}

export const agentCall = (method, path, options) => call(method, `/api/agent${path}`, options);

/** A duration of waiting in words. */
export function inWords(ms) {
  const minutes = Math.ceil(ms / 60_000);
  return minutes <= 1 ? "about a minute" : `about ${minutes} minutes`;
}
