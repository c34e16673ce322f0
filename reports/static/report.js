"use strict";
// Without this script the page shows everything; with it, what is folded is printed, but for bulk tables and long lists of settings, and
// one sound plays at a time.
(() => {
  const folded = [];
  const printed = "details:not([open]):not(.reference):not(.bulk)";
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll(printed)) {
      folded.push(details);
      details.open = true;
    }
    for (const image of document.querySelectorAll("main img[loading=lazy]")) image.loading = "eager";
  });
  addEventListener("afterprint", () => {
    for (const details of folded.splice(0)) details.open = false;
  });

  document.addEventListener("play", (event) => {
    for (const player of document.querySelectorAll("audio")) if (player !== event.target) player.pause();
  }, true);
})();
