"use strict";
// Asks whether there is another report, and shows it. The report stands in a frame of its own origin: it cannot reach this
// page, and this page does not read it.
(() => {
  const told = document.getElementById("told");
  const frame = document.getElementById("report");
  let shown = null;
  const say = (text, broken) => {
    if (told.textContent !== text) told.textContent = text;
    told.classList.toggle("broken", broken);
  };
  const look = async () => {
    try {
      const answer = await fetch("state", { cache: "no-store" });
      const state = await answer.json();
      say(state.problem ?? state.told ?? "Waiting for the first run.", state.problem !== null);
      if (state.record !== null && state.record !== shown) {
        shown = state.record;
        frame.src = "report?" + shown.slice(0, 16);
        frame.hidden = false;
        document.title = state.told;
      }
    } catch {
      say("countersign watch does not answer: it has ended, or is out of reach.", true);
    }
    setTimeout(look, 1500);
  };
  void look();
})();
