// Which image has which rank; knows nothing of the page. A rank of 0 is none.

function makeRanking(slots, ties) {
  const ranks = new Map(slots.map(function (slot) { return [slot, 0]; }));
  const worst = slots.length;

  function holder(rank, but) {
    return slots.find(function (slot) { return slot !== but && ranks.get(slot) === rank; });
  }

  function firstFree() {
    for (let rank = 1; rank <= worst; rank += 1) if (!holder(rank)) return rank;
    return 0;
  }

  function missing() {
    return slots.filter(function (slot) { return !ranks.get(slot); });
  }

  function told(words) {
    return missing().length ? words : words + " All images are ranked.";
  }

  // Gives a rank and says in words what came of it. Without ties the image that had the rank takes the other's old one, if there is any.
  function give(slot, rank) {
    const before = ranks.get(slot);
    const other = ties || before === rank ? undefined : holder(rank, slot);
    ranks.set(slot, rank);
    let words = "Image " + slot + " has rank " + rank + ".";
    if (other) {
      ranks.set(other, before);
      words += before ? " Image " + other + " changes to rank " + before + "." : " Image " + other + " has lost its rank.";
    }
    return { words: told(words), lost: other && !before ? other : null };
  }

  function clear(slot) {
    const before = ranks.get(slot);
    ranks.set(slot, 0);
    return { words: before ? "Image " + slot + " has no rank now." : "Image " + slot + " has no rank yet.", lost: null };
  }

  function move(slot, by) {
    const before = ranks.get(slot);
    const after = before ? before + by : firstFree() || 1;
    if (after < 1) return { words: "Image " + slot + " is the best already.", lost: null };
    if (after > worst) return { words: "Image " + slot + " is the worst already.", lost: null };
    return give(slot, after);
  }

  // A click on a picture: the best free rank, for ranking from best to worst; never changes what has been given.
  function next(slot) {
    const before = ranks.get(slot);
    const free = firstFree();
    if (before || !free) return { words: before ? "Image " + slot + " has rank " + before + " already; choose another number below it." : "All ranks are given; choose a number below the image.", lost: null };
    return give(slot, free);
  }

  return { of: function (slot) { return ranks.get(slot); }, holder: holder, missing: missing, give: give, clear: clear, move: move, next: next };
}
