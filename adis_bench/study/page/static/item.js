// One item of the page: shows the ranking, takes keys, clicks and drops, and says what is missing.

function makeItem(root, locked) {
  const cards = Array.from(root.querySelectorAll(".card"));
  const slots = cards.map(function (card) { return card.dataset.slot; });
  const ranking = makeRanking(slots, root.dataset.ties === "yes");
  const status = root.querySelector(".status");
  const button = root.querySelector(".submit");
  const item = { root: root, button: button, problem: problem, focusMissing: focusMissing, refresh: refresh, say: say, busy: function () { return Boolean(busy); } };
  const ready = button.textContent;
  let busy = "";

  function say(words, bad) {
    status.textContent = words;
    status.classList.toggle("bad", Boolean(bad));
  }

  const sound = watchSound(root.querySelector(".sound"), function (words) { say(words); refresh(); });

  function broken() {
    return Array.from(root.querySelectorAll(".card img, .scene img")).filter(function (image) { return image.complete && !image.naturalWidth; });
  }

  // What keeps the ranking from being sent, in a few words; empty where nothing does.
  function problem() {
    if (locked) return "Accept the HIT to rank";
    const lost = broken();
    if (lost.length) return "Load the page anew: " + lost[0].alt + " is missing";
    const open = ranking.missing();
    const parts = sound.heard ? [] : ["the sound"];
    if (open.length > 3) parts.push(open.length + " ranks");
    else if (open.length) parts.push((open.length > 1 ? "ranks of " : "rank of ") + open.join(", "));
    return parts.length ? "Missing: " + parts.join(", ") : "";
  }

  function focusMissing() {
    const open = ranking.missing();
    const target = sound.heard && open.length ? cards[slots.indexOf(open[0])].querySelector("[role=radio][tabindex='0']") : sound.button;
    if (!locked) target.focus();
  }

  function showCard(card) {
    const slot = card.dataset.slot;
    const rank = ranking.of(slot);
    for (const radio of card.querySelectorAll("[role=radio]")) {
      const value = Number(radio.dataset.rank);
      radio.setAttribute("aria-checked", String(value === rank));
      radio.tabIndex = value === (rank || 1) ? 0 : -1;
      radio.classList.toggle("taken", root.dataset.ties !== "yes" && value !== rank && Boolean(ranking.holder(value)));
    }
    field("rank_" + slot).value = rank || "";
  }

  function showPlace(place) {
    const held = place.querySelector(".held");
    const here = cards.filter(function (card) { return ranking.of(card.dataset.slot) === Number(place.dataset.rank); });
    held.replaceChildren.apply(held, here.map(function (card) {
      const thumb = document.createElement("span");
      thumb.className = "thumb";
      thumb.dataset.piece = card.dataset.slot;
      const picture = card.querySelector("img").cloneNode();
      const letter = document.createElement("b");
      letter.textContent = card.dataset.slot;
      letter.setAttribute("aria-hidden", "true");
      thumb.append(picture, letter);
      return thumb;
    }));
    place.classList.toggle("full", here.length > 0);
    place.querySelector(".empty").textContent = here.length ? "" : "empty";
  }

  function field(name) {
    return root.querySelector("[name='" + name + "']");
  }

  function refresh(now) {
    if (now !== undefined) busy = now;
    cards.forEach(showCard);
    root.querySelectorAll(".place").forEach(showPlace);
    field("plays").value = sound.plays;
    const words = busy || problem();
    button.textContent = words || ready;
    button.setAttribute("aria-disabled", String(Boolean(words)));
  }

  function apply(change) {
    for (const card of cards) card.classList.toggle("lost", card.dataset.slot === change.lost);
    say(change.words);
    refresh();
  }

  function act(card, change) {
    if (locked || busy) return say(locked ? "This is a preview: accept the HIT to rank." : "The ranking is being sent.");
    apply(change(card.dataset.slot));
    if (card.contains(document.activeElement)) card.querySelector("[role=radio][tabindex='0']").focus();
  }

  function keyed(event, card) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const number = /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
    if (step) act(card, function (slot) { return ranking.move(slot, step); });
    else if (number && number <= cards.length) act(card, function (slot) { return ranking.give(slot, number); });
    else if (event.key === "Delete" || event.key === "Backspace" || event.key === "0") act(card, ranking.clear);
    else return;
    event.preventDefault();
  }

  for (const card of cards) {
    card.querySelector(".numbers").addEventListener("keydown", function (event) { keyed(event, card); });
    for (const radio of card.querySelectorAll("[role=radio]")) {
      radio.addEventListener("click", function () { act(card, function (slot) { return ranking.give(slot, Number(radio.dataset.rank)); }); });
    }
    card.querySelector(".picture").addEventListener("click", function () { act(card, ranking.next); });
    card.querySelector("img").addEventListener("error", function () { refresh(); });
  }
  root.querySelector(".scene img").addEventListener("error", function () { refresh(); });
  makeDraggable(root, function () { return !locked && !busy; }, function (slot, rank, fromPlace) {
    if (rank) apply(ranking.give(slot, rank));
    else if (fromPlace) apply(ranking.clear(slot));
  });
  refresh();
  return item;
}
