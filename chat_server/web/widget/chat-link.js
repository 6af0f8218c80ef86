/**
 * The socket to the service: says hello, keeps what is not acknowledged, sends it again, comes back when it is lost.
 * Knows frames and times, nothing of the page. Everything it keeps is in memory.
 */

export const SUBPROTOCOL = "options-chat.v1";

/** Milliseconds. */
export const TIMES = {
  silence: 5_000, // without an ack: send again with the same id
  overdue: 15_000, // without an ack: tell the parent, and go on trying
  quiet: 45_000, // nothing heard at all, beats included: ask
  noEcho: 10_000, // nothing heard after asking: the socket is dead
  keepAlive: 240_000, // a socket that never speaks is closed by the service
  firstTry: 1_000, // first wait before coming back; doubles
  longestTry: 30_000,
  opening: 15_000, // no welcome by then: try again
};

/** Close codes from which there is no coming back by itself. Anything else is a lost connection. */
export const STAY_AWAY = {
  4500: "unknown", 4501: "fault", 4502: "fault", 4503: "origin", 4504: "too_many", 4507: "not_allowed", 4509: "ended", 4510: "version",
};

export class ChatLink {
  #socket = null;
  #waiting = new Map(); // id -> {frame, timer, since}
  #timers = {};
  #tries = 0;
  #comeBackIn = null;
  #why = null;
  #welcomed = false;
  #finished = false;

  /**
   * `hello()` gives the fields of the first frame; `onFrame(frame)` hears every frame, `onStatus({phase, …})` each
   * change of `idle`, `connecting`, `open`, `lost`, `gone`; `onOverdue(id)` a frame that nobody acknowledged.
   */
  constructor({ address, hello, onFrame, onStatus, onOverdue = () => {}, Socket = WebSocket, random = Math.random, times = TIMES }) {
    Object.assign(this, { address, hello, onFrame, onStatus, onOverdue, Socket, random, times });
    this.status = { phase: "idle" };
  }

  get open() {
    return this.#welcomed;
  }

  connect() {
    this.#finished = false;
    clearTimeout(this.#timers.comeBack);
    this.#drop();
    this.#tell(this.#tries ? { ...this.status, trying: true } : { phase: "connecting" });
    let socket;
    try {
      socket = new this.Socket(this.address, [SUBPROTOCOL]);
    } catch {
      this.#lost();
      return;
    }
    this.#socket = socket;
    this.#timers.opening = setTimeout(() => this.#lost(), this.times.opening);
    socket.onopen = () => this.greet();
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code }) => this.#closed(code);
  }

  /** Say hello, first of all or again on the open socket, so that what is missing is sent. */
  greet() {
    this.#write({ type: "hello", ...this.hello() });
  }

  /** Come back now instead of after the wait. */
  retryNow() {
    if (this.status.phase === "lost" && !this.status.trying) this.connect();
  }

  /** A frame that has to arrive: kept until it is acknowledged or refused. */
  send(frame) {
    this.forget(frame.id);
    this.#waiting.set(frame.id, { frame, since: Date.now() });
    this.#deliver(frame.id);
  }

  /** Stop sending a frame. */
  forget(id) {
    clearTimeout(this.#waiting.get(id)?.timer);
    this.#waiting.delete(id);
  }

  /** A frame that may get lost. */
  tell(frame) {
    if (this.#welcomed) this.#write(frame);
  }

  /** Leave for good; what was waiting is forgotten. */
  close() {
    this.#finished = true;
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    clearTimeout(this.#timers.comeBack);
    this.#drop();
    this.#tell({ phase: "idle" });
  }

  #deliver(id) {
    const kept = this.#waiting.get(id);
    if (!kept) return;
    clearTimeout(kept.timer);
    if (!this.#welcomed) return; // the welcome sends everything that waits
    this.#write(kept.frame);
    kept.timer = setTimeout(() => {
      if (Date.now() - kept.since >= this.times.overdue) this.onOverdue(id);
      this.#deliver(id);
    }, this.times.silence);
  }

  #hear(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (frame === null || typeof frame !== "object") return;
    this.#listen();
    if (frame.type === "bye") {
      this.#comeBackIn = frame.after_ms ?? null;
      this.#why = frame.reason ?? null;
    }
    if (frame.type === "ack") this.forget(frame.re);
    if (frame.type === "error" && frame.re) this.#refused(frame);
    this.onFrame(frame);
    if (frame.type === "welcome") this.#welcome();
  }

  #welcome() {
    clearTimeout(this.#timers.opening);
    this.#tries = 0;
    this.#comeBackIn = null;
    this.#why = null;
    this.#welcomed = true;
    this.#timers.keepAlive ??= setInterval(() => this.tell({ type: "ping" }), this.times.keepAlive);
    this.#tell({ phase: "open" });
    const now = Date.now();
    for (const [id, kept] of this.#waiting) {
      kept.since = now;
      this.#deliver(id);
    }
  }

  #refused(frame) {
    const kept = this.#waiting.get(frame.re);
    if (!kept) return;
    clearTimeout(kept.timer);
    const again = frame.retry_after_ms !== undefined && (frame.code === "slow_down" || frame.code === "unavailable");
    if (again) {
      kept.timer = setTimeout(() => this.send(kept.frame), frame.retry_after_ms);
    } else {
      this.#waiting.delete(frame.re);
    }
  }

  /** Something was heard; when nothing is for long, ask, and when nobody answers, come back on a new socket. */
  #listen() {
    clearTimeout(this.#timers.quiet);
    this.#timers.quiet = setTimeout(() => {
      this.tell({ type: "ping" });
      this.#timers.quiet = setTimeout(() => this.#lost(), this.times.noEcho);
    }, this.times.quiet);
  }

  #closed(code) {
    if (this.#finished) return;
    const reason = STAY_AWAY[code] ?? (code >= 4500 && code < 4600 ? "fault" : null);
    if (!reason) {
      this.#lost(code);
      return;
    }
    this.#drop();
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#tell({ phase: "gone", reason: this.#why === "erased" ? "erased" : reason, code });
  }

  #lost(code = null) {
    this.#drop();
    const wait = this.#comeBackIn ?? Math.min(this.times.longestTry, this.times.firstTry * 2 ** this.#tries);
    const jittered = this.#comeBackIn === null ? wait / 2 + (wait / 2) * this.random() : wait + 500 * this.random();
    const restarting = code === 4001 || this.#why === "restart";
    this.#comeBackIn = null;
    this.#tries += 1;
    this.#timers.comeBack = setTimeout(() => this.connect(), jittered);
    this.#tell({ phase: "lost", tries: this.#tries, restarting });
  }

  #drop() {
    clearTimeout(this.#timers.opening);
    clearTimeout(this.#timers.quiet);
    clearInterval(this.#timers.keepAlive);
    this.#timers.keepAlive = undefined;
    for (const kept of this.#waiting.values()) clearTimeout(kept.timer);
    this.#welcomed = false;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    try {
      socket.close();
    } catch {
      /* it was never open */
    }
  }

  #write(frame) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  #tell(status) {
    this.status = status;
    this.onStatus(status);
  }
}
