/**
 * What this tab keeps so that a reload goes on with the same conversation: the token, the reference, and whether
 * the panel was open. Never anything that was written. Gone with the tab, and at exit, end and erase.
 */

const PLACE = "chat";

export const keepsake = {
  read() {
    try {
      return JSON.parse(sessionStorage.getItem(PLACE)) ?? {};
    } catch {
      return {};
    }
  },

  write({ resume, conversation, open }) {
    try {
      sessionStorage.setItem(PLACE, JSON.stringify({ resume, conversation, open }));
    } catch {
      /* storage is switched off: a reload begins a new conversation */
    }
  },

  clear() {
    try {
      sessionStorage.removeItem(PLACE);
    } catch {
      /* nothing was kept */
    }
  },
};
