"use strict";
// Asks whether there is another report, and shows it: at once where something else was concluded, else when it is asked for,
// so that nobody loses the place. The report stands in a frame of an origin of its own: it cannot reach this page, and this
// page does not read it.
(() => {
  const [told, frame, newer] = ["told", "report", "newer"].map((id) => document.getElementById(id));
  let shown = { record: null, result: null };
  let latest = shown;
  const say = (text, broken) => {
    if (told.textContent !== text) told.textContent = text;
    told.classList.toggle("broken", broken);
  };
  const show = () => {
    shown = latest;
    frame.src = "report?" + shown.record.slice(0, 16);
    frame.hidden = false;
    newer.hidden = true;
  };
  const look = async () => {
    try {
      const answer = await fetch("state", { cache: "no-store" });
      const state = await answer.json();
      say(state.problem ?? state.told ?? "Waiting for the first run.", state.problem !== null);
      if (state.record !== null) {
        latest = state;
        document.title = state.told;
        if (state.result !== shown.result) show();
        else newer.hidden = state.record === shown.record;
      }
    } catch {
      say("countersign watch does not answer: it has ended, or is out of reach.", true);
    }
    setTimeout(look, 1500);
  };
  newer.addEventListener("click", show);
  void look();
})();
