/** One organisation that can help: what for, how to reach it, whether it is open now, how old the entry is. */

import { el, icon, link, Part, telephone } from "./dom.js";

/** "Text SHOUT to 85258", or a number that takes texts, as a link that opens the phone's messages. */
function textLink(text, words) {
  const worded = /text (\S+) to (\d[\d ]*)/i.exec(text);
  if (worded) return link(`sms:${worded[2].replace(/ /g, "")}?body=${encodeURIComponent(worded[1])}`, text);
  const number = /^\+?\d[\d ]{4,}/.exec(text)?.[0].trim();
  if (!number) return text;
  return el("span", {}, `${words.say("organisation.text")} `, link(`sms:${number.replace(/ /g, "")}`, text));
}

const shortened = (address) => address.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "");

export class OrganisationCard extends Part {
  constructor(organisation, words) {
    super();
    this.className = "organisation";
    const { name, webchat, email, website, relay, as_of: asOf } = organisation;
    const languages = (organisation.languages ?? []).filter((language) => language !== "English");
    const small = [
      relay && words.say("organisation.relay", { relay }),
      languages.length && words.say("organisation.languages", { languages: languages.join(", ") }),
      asOf && words.say("organisation.as_of", { date: words.date(asOf) }),
    ].filter(Boolean);
    const ways = [
      ...this.#phones(organisation, words),
      organisation.text && textLink(organisation.text, words),
      webchat && words.say("organisation.webchat", { where: webchat }),
      email && link(`mailto:${email}`, email),
      website && link(website, shortened(website), {
        "aria-label": words.say("organisation.website", { name, address: shortened(website) }),
      }),
    ].filter(Boolean);
    this.append(
      el("h3", {}, name),
      organisation.helps_with ? el("p", {}, organisation.helps_with) : "",
      el("ul", { class: "ways" }, ...ways.map((way) => el("li", {}, way))),
      this.#opening(organisation, words),
      small.length ? el("p", { class: "small" }, small.join(" · ")) : "",
    );
  }

  #phones({ name, phone, phone_how: how, more_phones: more = [], cost }, words) {
    const notes = [how, cost].filter(Boolean).join(", ");
    const call = (whose, number) => telephone(number, { "aria-label": words.say("organisation.call", { name: whose, phone: number }) });
    return [
      phone && el("span", { class: "phone" }, icon("phone"), el("span", {}, call(name, phone), notes ? ` (${notes})` : "")),
      ...more.map((other) => el("span", {}, `${other.name ?? ""} `, call(other.name ?? name, other.phone))),
    ];
  }

  #opening({ open, hours }, words) {
    const state = open === true ? "open" : open === false ? "shut" : "unknown";
    const said = state === "unknown" && hours ? "" : words.say(`organisation.${state}`);
    return el("p", { class: "opening", "data-open": state }, said ? el("strong", {}, said) : "", hours ? ` ${hours}` : "");
  }
}

/** A list of organisations, in the order given. */
export function organisationList(organisations, words) {
  if (!organisations?.length) return "";
  return el("div", { class: "organisations", role: "list" },
    ...organisations.map((organisation) => el("div", { role: "listitem" }, new OrganisationCard(organisation, words))));
}
