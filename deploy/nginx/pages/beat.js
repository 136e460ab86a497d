// Keeps the seat of whoever has a page of the CRM open and in sight, and lets go of it when the page is closed.
const beat = () => {
  if (document.visibilityState === "visible") fetch("/_licence/beat", { cache: "no-store" }).catch(() => {});
};
setInterval(beat, 60_000);
document.addEventListener("visibilitychange", beat);
