/** Between the log and the box: who is writing, what is wrong with the connection, what can be done at the end. */

import { button, el, icon, link, Part } from "./dom.js";

const PLAIN_PAGE_AFTER = 3;

export class ChatFoot extends Part {
  #shown = "";

  constructor(words, origin) {
    super();
    Object.assign(this, { words, origin });
    this.typing = el("p", { class: "typing", hidden: true });
    this.notice = el("div", { class: "notice", hidden: true });
    this.append(this.typing, this.notice);
  }

  /** Say who is writing, if anybody is; `still` when it takes long. Gives the sentence. */
  showTyping(typing, still = false, agent = null) {
    this.typing.hidden = !typing;
    if (!typing) return "";
    const sentence = this.#typingInWords(typing, still, agent);
    if (this.typing.textContent !== sentence) {
      this.typing.replaceChildren(el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), el("span", {}, sentence));
    }
    return sentence;
  }

  /** Say what stands between the parent and the service. Gives the sentence, empty when nothing does. */
  showNotice(conversation, status, trouble = null) {
    const notice = this.#noticeFor(conversation, status, trouble);
    const mark = JSON.stringify(notice);
    if (mark !== this.#shown) {
      this.#shown = mark;
      this.notice.hidden = notice === null;
      this.notice.dataset.kind = notice?.kind ?? "";
      this.notice.replaceChildren(...(notice ? this.#draw(notice) : []));
    }
    return notice ? notice.text ?? this.words.say(notice.key) : "";
  }

  #typingInWords({ who }, still, agent) {
    if (who !== "assistant") return this.words.say("typing.agent", { name: agent ?? this.words.say("from.someone") });
    return this.words.say(still ? "typing.still" : "typing.assistant");
  }

  #noticeFor(conversation, status, trouble) {
    if (conversation.state === "erased") return { kind: "ended", key: "ended.erased", does: ["restart"] };
    if (status.phase === "gone") {
      const key = `gone.${status.reason}`;
      return { kind: "ended", key, does: this.#waysOn(conversation, status.reason) };
    }
    if (status.phase === "lost") {
      const plain = status.tries >= PLAIN_PAGE_AFTER && !conversation.welcomed ? ["plain"] : [];
      return { kind: "lost", key: status.restarting ? "lost.restarting" : "lost.connection", does: ["now", ...plain] };
    }
    if (trouble) return { kind: "trouble", ...trouble, does: [] };
    if (conversation.state === "closed" || conversation.state === "wrap_up") {
      const rate = conversation.answered && !conversation.everUrgent ? ["rate"] : [];
      return { kind: "ended", key: "ended.closed", does: ["copy", ...rate] };
    }
    return null;
  }

  #waysOn({ resume, answered, everUrgent }, reason) {
    if (reason === "version") return ["reload", "plain"];
    if (reason === "too_many") return ["go-on", "plain"];
    if (reason !== "ended") return ["restart", "plain"];
    return [resume && "go-on", resume && "copy", answered && !everUrgent && "rate", "restart"].filter(Boolean);
  }

  #draw({ kind, key, text, does }) {
    const sign = kind === "lost" ? "lost" : kind === "ended" ? "done" : "alert";
    return [
      el("p", {}, icon(sign), el("span", {}, text ?? this.words.say(key))),
      el("div", { class: "notice-actions" }, ...does.map((what) => this.#action(what))),
    ];
  }

  #action(what) {
    if (what === "plain") return link(`${this.origin}/chat`, this.words.say("notice.plain"));
    const one = button(this.words.say(`notice.${what}`), { class: "small-button" });
    one.addEventListener("click", () => this.ask(`notice-${what}`));
    return one;
  }
}
