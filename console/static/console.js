// Shortcuts of the keyboard, and saving a form that a person leaves. Every page works without this file.
"use strict";
(() => {
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
  const visible = (element) => element.getClientRects().length > 0;
  const off = () => document.body.dataset.shortcuts === "off";
  let first = "";

  // Goes to the field, the link or the button that a template marked with data-key.
  const follow = (keys) => {
    const found = [...document.querySelectorAll("[data-key]")].find(
      (element) => element.dataset.key === keys && visible(element)
    );
    if (!found) return false;
    if (found.matches("input, textarea, select")) {
      found.focus();
      found.select?.();
    } else {
      found.click();
    }
    return true;
  };

  const along = (links, step) => {
    const at = links.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
    links[next]?.focus();
    return next >= 0 && next < links.length;
  };

  const rows = () =>
    [...document.querySelectorAll("[data-rows] a, [data-rows] summary")].filter(
      (element) => visible(element) && element === element.closest("li, tr, details")?.querySelector("a, summary")
    );

  const sections = () => [...document.querySelectorAll(".sections a")];

  const section = (step) => {
    const links = sections();
    const at = links.findIndex((link) => link.hasAttribute("aria-current"));
    const next = links[at + step];
    if (at < 0 || !next) return false;
    next.click();
    return true;
  };

  // Opens the next problem, or the one before: the field of a form, or the page that mends it.
  const problem = (step) => {
    const wrong = [...document.querySelectorAll("[data-problem]")].filter(visible);
    const found = wrong.length > 0 && along(wrong, step);
    if (found) document.activeElement.click();
    return found;
  };

  const single = { "[": () => section(-1), "]": () => section(1), n: () => problem(1), p: () => problem(-1) };

  // An arrow goes from the search box to the first row, and along the rows.
  const arrows = (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return false;
    const from = event.target;
    if (typing(from) && !from.matches('input[type="search"]')) return false;
    if (!typing(from) && !from.closest("[data-rows]") && from !== document.body && from.id !== "main") return false;
    return along(rows(), event.key === "ArrowDown" ? 1 : -1);
  };

  const letters = (event) => {
    if (off() || typing(event.target)) return false;
    const keys = first ? `${first} ${event.key}` : event.key;
    const begins = !first && event.key === "g";
    first = begins ? "g" : "";
    if (begins) {
      setTimeout(() => (first = ""), 1500);
      return true;
    }
    return single[keys]?.() || follow(keys);
  };

  // With the focus nowhere, Enter opens the first row of the page.
  const opensFirst = (event) => {
    if (event.key !== "Enter" || document.activeElement !== document.body) return false;
    const first = rows()[0];
    first?.click();
    return Boolean(first);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form");
      form?.requestSubmit(form.querySelector("[data-send]"));
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (arrows(event) || opensFirst(event) || letters(event)) event.preventDefault();
  });

  // Two minutes before a sign-in ends by idleness the page says so, and the person can put it off.
  const ending = document.getElementById("ending");
  const warn = () => setTimeout(() => (ending.hidden = false), (ending.dataset.minutes - 2) * 60_000);
  if (ending) {
    warn();
    document.getElementById("stay").addEventListener("click", async () => {
      ending.hidden = (await fetch("/parts/stay", { method: "POST" })).ok;
      if (ending.hidden) warn();
    });
  }

  // A page that is made for paper has a button that prints it.
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });

  // A second click on a button sends nothing while the first is under way.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.under) event.preventDefault();
    else if (form.hasAttribute("data-form")) form.dataset.under = "way";
  });
  // A form marked data-saves is saved by itself when a person leaves it with changes. A link waits for the outcome,
  // and takes it to the page that it opens. A refusal keeps the person here: the form is sent again to show it.
  const sheet = document.querySelector("form[data-saves]");
  const filled = () => new URLSearchParams(new FormData(sheet));
  const asShown = sheet && !("unsaved" in sheet.dataset) && filled().toString();
  const unsaved = () => sheet && !sheet.dataset.under && filled().toString() !== asShown;
  const leave = async (link) => {
    sheet.dataset.under = "way";
    const answer = await fetch(sheet.action, { method: "POST", body: filled() }).catch(() => null);
    if (!answer?.redirected) {
      delete sheet.dataset.under;
      return sheet.requestSubmit(sheet.querySelector("[data-send]"));
    }
    const to = new URL(link.href);
    new URL(answer.url).searchParams.getAll("sent").forEach((one) => to.searchParams.append("sent", one));
    location.assign(to);
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const stays = !link || link.getAttribute("href").startsWith("#") || link.target || event.ctrlKey || event.metaKey;
    if (stays || event.shiftKey || !unsaved()) return;
    event.preventDefault();
    leave(link);
  });
  window.addEventListener("pagehide", () => unsaved() && navigator.sendBeacon(sheet.action, filled()));

  // A long text says how much room is left, from four fifths on. It is never cut.
  document.addEventListener("input", (event) => {
    const most = Number(event.target.dataset.longest);
    if (!most) return;
    const length = event.target.value.length;
    const said = document.getElementById(`${event.target.id}-length`);
    said.textContent = length < most * 0.8 ? "" : `${length.toLocaleString("en-US")} of ${most.toLocaleString("en-US")} characters`;
  });

  window.addEventListener("pageshow", () => document.querySelectorAll("[data-under]").forEach((form) => delete form.dataset.under));
})();
