"use strict";
// Filters the checks that are there, opens what a link leads to, and opens everything for print. It adds no content and
// asks nobody: without it the page says the same.
(() => {
  const one = (id) => document.getElementById(id);
  const all = (query, within = document) => [...within.querySelectorAll(query)];
  const told = document.createElement("p");
  told.className = "told";
  told.setAttribute("role", "status");
  document.body.append(told);

  const areas = all("section.area").map((section) => {
    const rows = all("table.checks > tbody", section);
    const articles = all("article.check", section);
    const checks = articles.map((article, at) => ({
      article,
      row: rows.length === articles.length ? rows[at] : null,
      severity: article.dataset.severity,
      status: article.dataset.status,
    }));
    return { section, checks, entry: all(".contents a").find((link) => link.hash === "#" + section.id)?.parentElement };
  });
  const number = areas.reduce((sum, area) => sum + area.checks.length, 0);

  const panel = one("filters");
  const field = (name) => one("by-" + name);
  const hide = (node, hidden) => {
    if (node && node.hidden !== hidden) node.hidden = hidden;
  };
  const textOf = (check) => (check.text ??= check.article.textContent.toLowerCase());

  const filter = () => {
    const words = field("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [area, severity, status] = ["area", "severity", "status"].map((name) => field(name).value);
    const failed = field("failed").checked;
    const active = failed || words.length + area.length + severity.length + status.length > 0;
    const fits = (check) =>
      (!severity || check.severity === severity) &&
      (!status || check.status === status) &&
      (!failed || check.status === "fail" || check.status === "error") &&
      words.every((word) => textOf(check).includes(word));
    let shown = 0;
    for (const { section, checks, entry } of areas) {
      let here = 0;
      for (const check of checks) {
        const fit = (!area || section.id === area) && (!active || fits(check));
        hide(check.article, !fit);
        hide(check.row, !fit);
        here += fit;
      }
      hide(section, active && here === 0);
      hide(entry, active && here === 0);
      shown += here;
    }
    panel.classList.toggle("active", active);
    const checks = number === 1 ? " check" : " checks";
    one("counted").textContent = active ? (shown || "None") + " of " + number + checks : number + checks;
  };

  const showAll = () => {
    for (const name of ["text", "area", "severity", "status"]) field(name).value = "";
    field("failed").checked = false;
    filter();
  };
  const details = (open) => {
    for (const node of all("article.check:not([hidden]) > details")) node.open = open;
  };

  if (panel) {
    let waiting;
    panel.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, 100);
    });
    panel.addEventListener("click", ({ target }) => {
      if (target.id === "show-all") showAll();
      if (target.id === "open-all") details(true);
      if (target.id === "close-all") details(false);
    });
    panel.hidden = false;
    document.documentElement.classList.add("filtered");
    // A browser keeps what was typed before the page was loaded again.
    filter();
  }

  const follow = () => {
    let target;
    try {
      target = one(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return;
    }
    if (!target) return;
    if (panel && target.closest("[hidden]")) showAll();
    const inside = target.closest("article.check")?.querySelector("details");
    if (inside) inside.open = true;
    for (let node = target.closest("details"); node; node = node.parentElement.closest("details")) node.open = true;
    target.scrollIntoView({ behavior: "instant" });
  };
  addEventListener("hashchange", follow);
  follow();

  document.addEventListener("click", async ({ target }) => {
    const link = target.closest?.("a.permalink");
    if (!link) return;
    try {
      await navigator.clipboard.writeText(link.href);
      told.textContent = "Link copied";
      setTimeout(() => (told.textContent = ""), 3000);
    } catch {
      // The address bar has it.
    }
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const node of closed) node.open = true;
  });
  addEventListener("afterprint", () => {
    for (const node of closed) node.open = false;
  });
})();
