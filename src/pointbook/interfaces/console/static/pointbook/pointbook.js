// Small habits of every page: theme, the search key, rows that unfold, toasts that go. Loaded in the head, so that
// the chosen theme is there before the first paint.
"use strict";
const root = document.documentElement;

function setTheme(choice) {
  if (choice === "light" || choice === "dark") root.dataset.theme = choice;
  else delete root.dataset.theme;
  for (const button of document.querySelectorAll("[data-theme-choice]"))
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (choice || "auto")));
  root.dispatchEvent(new Event("theme"));
}
setTheme(localStorage.getItem("theme"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => root.dispatchEvent(new Event("theme")));

document.addEventListener("DOMContentLoaded", () => {
  setTheme(localStorage.getItem("theme"));
  for (const toast of document.querySelectorAll("[data-toast]")) setTimeout(() => toast.remove(), 8000);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing) {
    const field = document.querySelector("[data-slash]");
    if (field?.offsetParent) { event.preventDefault(); field.focus(); }
  }
  if (event.key === "Escape") document.querySelector("details.me[open]")?.removeAttribute("open");
});

document.addEventListener("click", (event) => {
  const menu = document.querySelector("details.me[open]");
  if (menu && !menu.contains(event.target)) menu.removeAttribute("open");
  const theme = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
  if (theme) { localStorage.setItem("theme", theme); setTheme(theme); }
  const figure = event.target.closest("a.opens");
  const toggle = figure && document.getElementById(figure.hash.slice(1))?.querySelector("[data-unfold]");
  if (toggle?.getAttribute("aria-expanded") === "false") toggle.click();
  const opener = event.target.closest("[data-unfold]");
  if (opener && !event.ctrlKey && !event.metaKey) unfold(opener, event);
});

// A second click sends nothing twice; what only downloads may be asked for again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  if ("download" in form.dataset) setTimeout(() => delete form.dataset.sent, 1500);
});
addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

// htmx fetches the panel at the first click; from then on it only shows and hides.
function unfold(opener, event) {
  event.preventDefault();
  const panel = document.getElementById(opener.getAttribute("aria-controls"));
  panel.hidden = !panel.hidden;
  for (const other of document.querySelectorAll(`[aria-controls="${panel.id}"]`))
    other.setAttribute("aria-expanded", String(!panel.hidden));
  opener.closest("tr")?.classList.toggle("opened", !panel.hidden);
}
