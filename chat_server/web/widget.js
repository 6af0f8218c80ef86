/* The one-line embed: <script src="https://HOST/widget.js" async></script>
   Options, all optional: data-lang="cy", data-nation="wales", data-open, data-exit-url="https://…". */
(() => {
  const script = document.currentScript;
  if (!script || document.querySelector("options-chat")) return;
  const origin = new URL(script.src).origin;
  const options = { ...script.dataset, origin };

  /* Without the modules a parent still has the plain page. */
  const plainLink = () => {
    const link = document.createElement("a");
    link.href = `${origin}/chat`;
    link.textContent = "Chat";
    Object.assign(link.style, {
      position: "fixed", right: "16px", bottom: "16px", padding: "12px 20px", borderRadius: "24px",
      background: "#0e5156", color: "#ffffff", zIndex: "2147483000",
    });
    document.body.append(link);
  };
  const start = () =>
    import(`${origin}/web/widget/main.js`).then(({ start }) => start(options)).catch(plainLink);

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start, { once: true });
})();
