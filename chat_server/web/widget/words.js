/** The interface's own sentences, in English or Welsh. */

export const LANGUAGES = ["en", "cy"];

/** Every sentence of one language, by key; `{blank}` is filled in by `say`. */
export class Words {
  constructor(lang, table) {
    this.lang = lang;
    this.table = table;
  }

  has(key) {
    return key in this.table;
  }

  say(key, blanks = {}) {
    const sentence = this.table[key] ?? key;
    return sentence.replace(/\{(\w+)\}/g, (_, blank) => blanks[blank] ?? "");
  }

  /** Clock time for today, day and time for before. Browsers do not all know Welsh dates, so they are put together here. */
  time(at) {
    const moment = new Date(at);
    const clock = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    if (moment.toDateString() === new Date().toDateString()) return clock;
    return `${moment.getDate()} ${this.#month(moment.getMonth())}, ${clock}`;
  }

  /** A date such as 2026-10-01 in words; also one without its day, such as 2026-10. */
  date(text) {
    const [year, month, day] = String(text).slice(0, 10).split("-").map(Number);
    return [day, month && this.#month(month - 1), year].filter(Boolean).join(" ");
  }

  /** Pounds and pence from a decimal string. */
  money(amount) {
    const [pounds, pence = ""] = String(amount).split(".");
    return `£${pounds.replace(/\B(?=(\d{3})+$)/g, ",")}.${pence.padEnd(2, "0")}`;
  }

  #month(index) {
    return this.say("months").split(" ")[index];
  }
}

/** Fetch one language's sentences from the service. */
export async function loadWords(origin, lang) {
  const answer = await fetch(`${origin}/web/strings/${lang}.json`, { credentials: "omit" });
  if (!answer.ok) throw new Error(`no words for ${lang}: ${answer.status}`);
  return new Words(lang, await answer.json());
}
