// The sound of an item: the big button, the playhead, and whether it was really listened to.

const ENOUGH = 0.9; // of the length: browsers report the time about four times a second, so that the last bit may go uncounted

// Stretches [from, to] of the sound, seconds, apart from each other; with one more, those that it touches become one.
function withStretch(stretches, from, to) {
  const touching = stretches.filter(function (each) { return each[0] <= to && each[1] >= from; });
  const apart = stretches.filter(function (each) { return !touching.includes(each); });
  const ends = touching.concat([[from, to]]);
  return apart.concat([[Math.min.apply(null, ends.map(function (each) { return each[0]; })), Math.max.apply(null, ends.map(function (each) { return each[1]; }))]]);
}

function watchSound(box, changed) {
  const audio = box.querySelector("audio");
  const button = box.querySelector(".play");
  const head = box.querySelector(".playhead");
  const hint = box.querySelector(".hint");
  const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const sound = { plays: 0, heard: false, button: button };
  let stretches = []; // that were heard: playing one part again and again is not listening to the whole
  let last = 0; // place of the latest report, or where the latest jump led

  function tell(words, bad) {
    hint.textContent = words;
    hint.classList.toggle("bad", Boolean(bad));
  }

  function draw() {
    const share = audio.duration > 0 ? audio.currentTime / audio.duration : 0;
    head.style.left = 100 * Math.min(1, share) + "%";
    box.classList.toggle("started", share > 0);
    if (smooth && !audio.paused) requestAnimationFrame(draw);
  }

  function count() {
    const here = audio.currentTime;
    // A report may come between a jump and its event: what lies between was not played.
    if (here > last && !audio.seeking && !audio.muted && audio.volume > 0) stretches = withStretch(stretches, last, here);
    last = here;
    const listened = stretches.reduce(function (sum, each) { return sum + each[1] - each[0]; }, 0);
    // Of a stream the length is known at its end only.
    const length = Number.isFinite(audio.duration) ? audio.duration : audio.ended ? here : Infinity;
    if (listened > 0 && listened >= ENOUGH * length && !sound.heard) {
      sound.heard = true;
      box.classList.add("heard");
      tell("You have heard the sound. Play it again as often as you like.");
      changed("The sound was played to its end.");
    }
    draw();
  }

  function show() {
    const playing = !audio.paused && !audio.ended;
    box.classList.toggle("playing", playing);
    button.setAttribute("aria-label", playing ? "Pause the sound" : "Play the sound");
    draw();
  }

  function failed() {
    tell("The sound can't be played. Check your connection, then press play again or load the page anew.", true);
  }

  button.addEventListener("click", function () {
    if (!audio.paused) return audio.pause();
    if (audio.error) audio.load();
    audio.play().catch(function (error) {
      if (error.name !== "AbortError") failed(); // pausing before the first sound aborts: nothing is wrong
    });
  });
  audio.addEventListener("play", function () {
    sound.plays += 1;
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    show();
  });
  // Not at the event "play": on a busy phone it comes late, and what was heard until then would not count.
  audio.addEventListener("seeking", function () { last = audio.currentTime; });
  audio.addEventListener("seeked", draw);
  audio.addEventListener("timeupdate", count);
  audio.addEventListener("ended", function () { count(); show(); });
  audio.addEventListener("pause", show);
  audio.addEventListener("error", failed);
  audio.addEventListener("volumechange", function () {
    if (!sound.heard && (audio.muted || audio.volume === 0)) tell("The player is muted: turn its volume up, or the sound does not count as heard.", true);
  });
  if (audio.error) failed();
  return sound;
}

// Two soft tones made by the browser: a check of loudspeakers that gives nothing of the study away.
function soundCheck(button) {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!Context) return button.remove();
  let context = null;
  button.addEventListener("click", function () {
    context = context || new Context();
    context.resume();
    [440, 660].forEach(function (pitch, place) {
      const tone = context.createOscillator();
      const volume = context.createGain();
      const start = context.currentTime + 0.05 + 0.5 * place;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.2, start + 0.03);
      volume.gain.linearRampToValueAtTime(0, start + 0.35);
      tone.connect(volume).connect(context.destination);
      tone.start(start);
      tone.stop(start + 0.4);
    });
  });
}
