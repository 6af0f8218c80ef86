/** News for the ear and the screen, by the agent's own choice. It never carries a parent's words. */

import { choices } from "./kept.js";
import { dangerLabel, topicLabel } from "./labels.js";

export class Bell {
  constructor(client, announce) {
    Object.assign(this, { client, announce });
  }

  ring({ kind, entry }, { looking }) {
    if (kind === "revoked" || (kind === "message" && looking)) return;
    const text = TEXT[kind](entry);
    this.announce(text);
    if (kind !== "message" && this.client.me.status === "away") return;
    const { sound, notifications } = choices.read();
    if (sound) chime(entry.urgent?.length ? 3 : 1);
    if (notifications && !document.hasFocus()) notify(text, entry.conversation);
  }
}

const TEXT = {
  message: ({ conversation }) => `New message in ${conversation}.`,
  waiting: ({ topic, urgent }) => `A parent is waiting: ${urgent.length ? dangerLabel(urgent) : topicLabel(topic)}.`,
  call_back: () => "A message or call-back was left.",
  offer: ({ from }) => `${from.name} offers you a conversation.`,
};

let audio = null;

/** A short, soft tone; more often where somebody may be in danger. */
export function chime(times) {
  try {
    audio ??= new AudioContext();
    for (let n = 0; n < times; n += 1) tone(audio.currentTime + n * 0.22);
  } catch {
    /* a browser without sound */
  }
}

function tone(at) {
  const wave = audio.createOscillator();
  const loud = audio.createGain();
  wave.frequency.value = 660;
  loud.gain.setValueAtTime(0.0001, at);
  loud.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
  loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.18);
  wave.connect(loud).connect(audio.destination);
  wave.start(at);
  wave.stop(at + 0.2);
}

function notify(text, tag) {
  try {
    if (Notification.permission !== "granted") return;
    new Notification("Your desk", { body: text, tag }).onclick = () => window.focus();
  } catch {
    /* a browser without notifications */
  }
}

/** Ask the browser; whether it allows them. */
export async function mayNotify() {
  if (typeof Notification === "undefined") return false;
  return (await Notification.requestPermission()) === "granted";
}
