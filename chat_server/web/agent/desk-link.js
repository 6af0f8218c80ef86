/** The agents' socket: a ticket before each hello, and a sign of life often enough to keep the conversations. */

import { ChatLink, TIMES } from "../widget/chat-link.js";
import { agentCall } from "./api.js";

/** The lease is 45 seconds: a dead connection has to be noticed, and another one be there, well within it. */
const DESK_TIMES = { ...TIMES, keepAlive: 10_000, quiet: 15_000, noEcho: 6_000, longestTry: 8_000 };
const LIVES_EVERY = 8_000;

export class DeskLink extends ChatLink {
  #ticket = "";
  #asked = 0;
  #livedAt = 0;

  constructor({ onFrame, onStatus, onOverdue, Socket }) {
    super({
      address: `${location.origin.replace(/^http/, "ws")}/ws/agent`,
      hello: () => ({ ticket: this.#ticket }),
      onFrame: (frame) => {
        this.#live();
        onFrame(frame);
      },
      onStatus, onOverdue, Socket, times: DESK_TIMES,
    });
  }

  /** Without a ticket the socket fails and the link tries again by itself; only the service can say "signed out". */
  async connect() {
    const asked = ++this.#asked;
    this.#ticket = await agentCall("POST", "/ticket", { patience: 8_000 }).then((made) => made.ticket, () => "");
    if (asked === this.#asked) super.connect();
  }

  close() {
    this.#asked += 1;
    super.close();
  }

  /** Browsers slow down the timers of a hidden page, not what it hears: so what is heard keeps the leases too. */
  #live() {
    if (!this.open || Date.now() - this.#livedAt < LIVES_EVERY) return;
    this.#livedAt = Date.now();
    this.tell({ type: "ping" });
  }
}
