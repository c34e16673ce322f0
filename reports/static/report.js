"use strict";
// Without this script the page shows everything; with it, examples can be filtered, and what is folded is printed.
(() => {
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });

  const form = document.getElementById("filter");
  const cards = [...document.querySelectorAll(".example")];
  const status = document.getElementById("shown");
  if (!form || !status) return;

  const apply = () => {
    const source = form.elements.source.value;
    const target = form.elements.target.value;
    const methods = new Set([...form.querySelectorAll("input[name=method]:checked")].map((box) => box.value));
    let shown = 0;
    for (const card of cards) {
      const fits = (!source || card.dataset.source === source) && (!target || card.dataset.target === target);
      card.hidden = !fits;
      shown += fits ? 1 : 0;
      for (const tile of card.querySelectorAll("[data-method]")) tile.hidden = !methods.has(tile.dataset.method);
    }
    status.textContent = shown ? `Showing ${shown} of ${cards.length} examples.` : "No example fits this choice.";
  };

  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();

  // One sound at a time.
  document.addEventListener("play", (event) => {
    for (const player of document.querySelectorAll("audio")) if (player !== event.target) player.pause();
  }, true);
})();
