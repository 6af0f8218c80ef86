/** What the menu leads to: copy, nation, safe contact, staying safe, rating, ending, erasing. */

import { button, el } from "./dom.js";
import { printConversation } from "./print.js";
import { ActionForm, field, picked, radios, Sheet } from "./sheet.js";

const NATIONS = ["england", "wales", "scotland", "northern_ireland"];
const WAYS = ["call", "text", "email"];
const STATEMENTS = ["cs1", "cs2", "cs3", "cs4", "cs5", "cs6"];
const SCORES = Array.from({ length: 10 }, (_, n) => [String(n + 1), String(n + 1)]);

/** What the menu offers now, as pairs of a name in `SHEETS` and whether it is there. */
export function menuItems({ conversation }) {
  const begun = conversation.reference !== null && conversation.state !== "erased";
  return [
    ["copy", begun], ["nation", begun], ["contact", begun], ["safe", true],
    ["rate", begun && conversation.answered && !conversation.everUrgent],
    ["end", begun && conversation.state !== "closed"], ["erase", begun],
  ].filter(([, there]) => there).map(([name]) => name);
}

export function menuSheet(context) {
  const { words, client, open } = context;
  return new Sheet(words.say("menu"), words, el("ul", { class: "menu" }, ...menuItems(client).map((name) => {
    const item = button(words.say(`menu.${name}`), { "data-sheet": name });
    item.addEventListener("click", () => open(name));
    return el("li", {}, item);
  })));
}

export const SHEETS = {
  copy({ words, client }) {
    const { reference } = client.conversation;
    const save = (format) => new ActionForm(words, {
      fields: [], submit: words.say(`copy.${format}`), done: "copy.saved",
      act: async () => saveFile(await client.copy(format)),
    });
    const print = button(words.say("copy.print"), { class: "main-button" });
    print.addEventListener("click", () => printConversation(client, words));
    return new Sheet(words.say("menu.copy"), words,
      el("p", {}, words.say("copy.reference"), " ", el("strong", {}, reference)),
      el("p", {}, words.say("copy.careful")),
      print, save("txt"), save("pdf"));
  },

  nation({ words, client }) {
    const group = radios(words.say("nation.legend"), "nation", NATIONS.map((one) => [one, words.say(`nation.${one}`)]),
      { chosen: client.nation, hint: words.say("nation.why") });
    return new Sheet(words.say("menu.nation"), words, new ActionForm(words, {
      fields: [group], submit: words.say("save"), done: "saved",
      act: async () => {
        const nation = picked(group);
        if (!nation) return "nation.none";
        await client.prefer({ nation });
      },
    }));
  },

  contact({ words, client }) {
    const way = radios(words.say("contact.how"), "how", WAYS.map((one) => [one, words.say(`contact.${one}`)]));
    const input = (label, hint, type = "text") => {
      const box = el("input", { type, autocomplete: "off", maxlength: "150" });
      return { box, row: field(words.say(label), box, hint && words.say(hint)) };
    };
    const address = input("contact.address");
    const when = input("contact.when", "contact.when_hint");
    const name = input("contact.ask_for", "contact.ask_for_hint");
    const voicemail = radios(words.say("contact.voicemail"), "voicemail", [["yes", words.say("yes")], ["no", words.say("no")]],
      { hint: words.say("contact.voicemail_hint") });
    return new Sheet(words.say("menu.contact"), words, el("p", {}, words.say("contact.why")), new ActionForm(words, {
      fields: [way, address.row, when.row, name.row, voicemail], submit: words.say("save"), done: "contact.saved",
      act: async () => {
        const how = [picked(way), address.box.value.trim()].filter(Boolean).join(": ");
        const leave = picked(voicemail);
        const written = {
          how: how || null, when: when.box.value.trim() || null, ask_for: name.box.value.trim() || null,
          voicemail: leave === null ? null : leave === "yes",
        };
        const given = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== null));
        if (!Object.keys(given).length) return "contact.none";
        await client.prefer({ safe_contact: given });
      },
    }));
  },

  safe({ words }) {
    return new Sheet(words.say("menu.safe"), words,
      ...["safe.does", "safe.shift", "safe.does_not", "safe.keeps", "safe.more"].map((key) => el("p", {}, words.say(key))));
  },

  rate({ words, client }) {
    const scale = (key) => radios(words.say(`rate.${key}`), key, SCORES, { inline: true });
    const overall = scale("overall");
    const more = [...STATEMENTS, ...(client.conversation.waited ? ["wait"] : [])].map(scale);
    const comment = el("textarea", { rows: "3", autocomplete: "off", maxlength: "2000" });
    return new Sheet(words.say("menu.rate"), words, el("p", {}, words.say("rate.why")), new ActionForm(words, {
      fields: [overall, el("details", {}, el("summary", {}, words.say("rate.more")), ...more), field(words.say("rate.comment"), comment)],
      submit: words.say("rate.send"), done: "rate.thanks",
      act: async () => {
        const scores = [overall, ...more].map((one) => [one.dataset.name, picked(one)]).filter(([, score]) => score !== null);
        const answers = Object.fromEntries(scores.map(([name, score]) => [name, Number(score)]));
        if (comment.value.trim()) answers.comment = comment.value.trim();
        if (!Object.keys(answers).length) return "rate.none";
        await client.rate(answers);
      },
    }));
  },

  end({ words, client, close }) {
    return new Sheet(words.say("menu.end"), words, el("p", {}, words.say("end.what")), new ActionForm(words, {
      fields: [], submit: words.say("end.yes"), done: "end.done",
      act: async () => {
        await client.end();
        close();
      },
    }));
  },

  erase({ words, client, close }) {
    return new Sheet(words.say("menu.erase"), words, el("p", {}, words.say("erase.what")), el("p", {}, words.say("erase.stays")),
      new ActionForm(words, {
        fields: [], submit: words.say("erase.yes"), done: "erase.done", className: "danger",
        act: async () => {
          await client.erase();
          close();
        },
      }));
  },
};

function saveFile({ file, name }) {
  const address = URL.createObjectURL(file);
  const link = el("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
