/**
 * What this device keeps for an agent: drafts and read marks for this tab (gone when the tab is closed or the agent
 * signs out), and the choices about sound, notifications and shortcuts for this browser.
 */

const CHOICES = "options-desk-choices";
const DEFAULTS = { sound: false, notifications: false, shortcuts: true };

function read(store, key) {
  try {
    return store.getItem(key);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function write(store, key, value) {
  try {
    if (value === null) store.removeItem(key);
    else store.setItem(key, value);
  } catch {
    /* a browser that keeps nothing */
  }
}

export const choices = {
  read() {
    try {
      return { ...DEFAULTS, ...JSON.parse(read(localStorage, CHOICES) ?? "{}") };
    } catch {
      return { ...DEFAULTS };
    }
  },
  change(changed) {
    write(localStorage, CHOICES, JSON.stringify({ ...this.read(), ...changed }));
  },
};

const tab = (name) => ({
  read: (ref) => read(sessionStorage, `${name} ${ref}`) ?? "",
  write: (ref, value) => write(sessionStorage, `${name} ${ref}`, value === "" ? null : String(value)),
});

export const drafts = tab("draft");
export const notes = tab("note");
export const marks = tab("read");
const open = tab("open");

/** Which conversation was shown last, for the reload. */
export const lastShown = { read: () => open.read("last"), write: (ref) => open.write("last", ref ?? "") };

/** Another agent at this tab finds nothing of the one before. */
export function belongTo(agent) {
  if (read(sessionStorage, "agent") === agent) return;
  clearTab();
  write(sessionStorage, "agent", agent);
}

export function clearTab() {
  try {
    sessionStorage.clear();
  } catch {
    /* nothing was kept */
  }
}
