/** Stands in for the browser's WebSocket: plays one state of the gallery. It is no service, and keeps nothing. */

import { framesOf, GREETING, laterFrames, STATES } from "./states.js";

const CLOSES = {
  breaks: [1006, null], restarts: [4001, "restart"], ends: [4509, "ended"], unknown: [4500, "bad_token"], origin: [4503, "origin"],
};

export function scriptedSocket(name) {
  const script = STATES[name];
  return class ScriptedSocket {
    static told = 0;
    readyState = 0;

    constructor() {
      if (script.socket === "mute" || ScriptedSocket.told > 0) return;
      setTimeout(() => {
        this.readyState = 1;
        this.onopen?.();
      });
    }

    send(text) {
      const frame = JSON.parse(text);
      if (frame.type === "hello") this.#welcome();
      else if (frame.id && script.socket !== "deaf") this.#answer(frame);
    }

    close() {
      this.readyState = 3;
    }

    /** Say what comes later in the state. */
    later() {
      for (const frame of laterFrames(name)) this.#say(frame);
    }

    #welcome() {
      if (script.socket === "unknown" || script.socket === "origin") {
        this.#end();
        return;
      }
      const frames = framesOf(name);
      const top = frames.filter((frame) => frame.seq && frame.at).length;
      this.top = top;
      this.#say({
        type: "welcome", conversation: "K7M-2QX", resume: "token-of-the-gallery", top, state: "assistant", owner: "assistant", version: 1,
        urgent: [], resumed: top > 0, limits: { text_kept: 2_000, text_max: 8_000, ...script.limits }, open: true, greeting: GREETING,
      });
      for (const frame of frames) this.#say(frame);
      if (CLOSES[script.socket]) this.#end();
      ScriptedSocket.current = this;
    }

    #answer(frame) {
      if (script.refuse) {
        this.#say({ type: "error", re: frame.id, ...script.refuse });
        return;
      }
      this.#say({ type: "ack", re: frame.id, seq: ++this.top, dup: false });
      if (frame.type !== "say") return;
      this.#say({ type: "message", seq: this.top, at: new Date().toISOString(), from: "parent", text: frame.text, lang: "en", id: frame.id });
    }

    #end() {
      const [code, reason] = CLOSES[script.socket];
      ScriptedSocket.told += 1;
      if (reason) this.#say({ type: "bye", reason, after_ms: code === 4001 ? 3_600_000 : 0 });
      this.readyState = 3;
      this.onclose?.({ code });
    }

    #say(frame) {
      this.onmessage?.({ data: JSON.stringify(frame) });
    }
  };
}
