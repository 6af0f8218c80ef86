/** Registers the elements and puts the widget on the page. */

import { ChatClient } from "./chat-client.js";
import { ChatFoot } from "./chat-foot.js";
import { ChatForm } from "./chat-form.js";
import { ChatHead } from "./chat-head.js";
import { ChatLog } from "./chat-log.js";
import { ChatWidget } from "./chat-widget.js";
import { EstimateCard } from "./estimate-card.js";
import { keepsake } from "./keepsake.js";
import { OrganisationCard } from "./organisation-card.js";
import { ActionForm, Sheet } from "./sheet.js";
import { LANGUAGES, loadWords } from "./words.js";

const ELEMENTS = {
  "options-chat": ChatWidget, "options-chat-head": ChatHead, "options-chat-log": ChatLog, "options-chat-foot": ChatFoot,
  "options-chat-form": ChatForm, "options-chat-sheet": Sheet, "options-chat-action": ActionForm,
  "options-chat-organisation": OrganisationCard, "options-chat-estimate": EstimateCard,
};

for (const [name, element] of Object.entries(ELEMENTS)) customElements.define(name, element);

/** Put the widget on the page. `Socket` stands in for the browser's own in the gallery. */
export async function start({ origin, lang, nation = null, open, exitUrl, Socket }) {
  const spoken = [lang, document.documentElement.lang.slice(0, 2)].find((one) => LANGUAGES.includes(one)) ?? "en";
  const words = await loadWords(origin, spoken);
  const client = new ChatClient({ origin, lang: spoken, nation, Socket });
  const loaded = { [spoken]: words };
  const otherWords = async (now) => {
    const other = now === "cy" ? "en" : "cy";
    loaded[other] ??= await loadWords(origin, other);
    return loaded[other];
  };
  const widget = new ChatWidget({ words, client, otherWords, exitUrl });
  document.body.append(widget);
  await widget.styled;
  const kept = keepsake.read();
  if (kept.resume ? kept.open : open !== undefined && open !== "false") widget.open({ focus: false });
  else if (kept.resume) client.start();
  return widget;
}
