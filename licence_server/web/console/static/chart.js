// Draws the usage of a licence: peaks by the hour.
addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll(".chart")) {
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = { stroke: colour("--bs-body-color"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
    const series = [
      {},
      { label: place.dataset.users, stroke: colour("--accent"), width: 2 },
      { label: place.dataset.clients, stroke: colour("--second"), width: 2, dash: [6, 4] },
      { label: place.dataset.bought, stroke: colour("--bad"), width: 1, dash: [2, 3] },
    ];
    const chart = new uPlot(
      { width: place.clientWidth, height: 220, series, axes: [axis, axis], cursor: { show: false } },
      JSON.parse(place.dataset.points),
      place,
    );
    addEventListener("resize", () => chart.setSize({ width: place.clientWidth, height: 220 }));
  }
});
