/** What an agent chooses for themselves: sound, notifications, shortcuts; and a new password. */

import { el } from "../widget/dom.js";
import { agentCall } from "./api.js";
import { chime, mayNotify } from "./bell.js";
import { check, dialog, field } from "./dialog.js";
import { choices } from "./kept.js";

export function askChoices(desk) {
  const now = choices.read();
  const sound = check("A soft tone for new messages, new parents and offers", now.sound);
  const notifications = check("Notifications of this computer while the desk is not in front", now.notifications);
  const shortcuts = check("Single-key shortcuts, outside of fields", now.shortcuts);
  return dialog({
    title: "Settings", submit: "Keep these",
    content: [
      el("p", { class: "hint" }, "Kept in this browser. Neither tones nor notifications ever carry a parent’s words."), sound.row, notifications.row, shortcuts.row,
    ],
    act: async () => {
      const wanted = notifications.input.checked && !now.notifications;
      if (wanted && !(await mayNotify())) {
        notifications.input.checked = false;
        throw new Error("This browser does not allow notifications here. Change that in its own settings, then try again");
      }
      choices.change({ sound: sound.input.checked, notifications: notifications.input.checked, shortcuts: shortcuts.input.checked });
      if (sound.input.checked && !now.sound) chime(1);
      desk.announce("Kept.");
    },
  });
}

export function askPassword() {
  const old = el("input", { type: "password", autocomplete: "current-password" });
  const fresh = el("input", { type: "password", autocomplete: "new-password" });
  return dialog({
    title: "A new password", submit: "Change it",
    content: [
      el("p", {}, "Every sign-in of yours ends, this one too. Sign in again within 45 seconds, or what you have goes back to the queue."),
      field("Password now", old), field("New password", fresh, "12 characters or more."),
    ],
    act: () => agentCall("PUT", "/password", { body: { old: old.value, new: fresh.value } }),
  });
}
