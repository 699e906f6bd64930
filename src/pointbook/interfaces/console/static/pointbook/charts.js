// Charts drawn from the tables on the page, in the colours of the tokens, without motion. A table row gives
// data-label, and data-values (flows), data-from, data-to and data-kind (waterfall), or data-low,
// data-expected and data-high (runoff).
"use strict";
const probe = document.createElement("i");

function colour(token) {
  probe.style.color = `var(--${token})`;
  return getComputedStyle(probe).color;
}
const sans = () => getComputedStyle(document.body).fontFamily;
const write = (value) => Math.round(value).toLocaleString(document.documentElement.lang).replace("-", "\u2212");

function flows(rows, place, chart, scale) {
  const wide = place.clientWidth > 500;
  const values = rows.map((row) => row.dataset.values.split(" ").map(Number));
  const names = ["Earned", "Spent", "Expired"];
  const fills = ["pfill", "afill", "grey"];
  const texts = ["points", "accent", "ink2"];
  const label = (n) => ({
    show: wide && n < 2, position: n ? "insideBottom" : "top", distance: n ? 4 : 5, color: colour(n ? "on" : "ink2"),
    fontSize: 13, fontFamily: sans(), formatter: (bar) => (bar.value ? write(Math.abs(bar.value) / scale) : ""),
  });
  chart.setOption({
    animation: false,
    grid: { left: 0, right: wide ? 112 : 0, top: 26, bottom: 28 },
    xAxis: {
      type: "category", data: rows.map((row) => (wide ? row.dataset.label : row.dataset.label[0])), axisTick: { show: false },
      axisLine: { lineStyle: { color: colour("ink") } },
      axisLabel: { color: colour("ink2"), fontSize: 13, fontFamily: sans(), interval: 0, margin: 10 },
    },
    yAxis: { type: "value", show: false, min: (range) => range.min, max: (range) => range.max },
    series: names.map((name, n) => ({
      name, type: "bar", stack: "all", silent: true, barMaxWidth: 48, barCategoryGap: wide ? "42%" : "36%", itemStyle: { color: colour(fills[n]) },
      label: label(n), data: values.map((row) => (n ? -row[n] : row[n])),
    })),
  }, true);
  for (const old of place.querySelectorAll(".tag")) old.remove();
  if (!wide) return;
  const [earned, spent, expired] = values.at(-1);
  const middles = [earned / 2, -spent / 2, -spent - expired / 2];
  let below = 0;
  names.forEach((name, n) => {
    if (!values.some((row) => row[n])) return;
    const tag = place.appendChild(document.createElement("div"));
    tag.className = "tag";
    tag.style.color = colour(texts[n]);
    const top = Math.max(below, chart.convertToPixel({ yAxisIndex: 0 }, middles[n]) - 18);
    below = top + 44;
    tag.style.top = `${top}px`;
    tag.innerHTML = `<b>${name}</b><br><span>${write(values.at(-1)[n] / scale)} in ${rows.at(-1).dataset.label}</span>`;
  });
}

function waterfall(all, place, chart) {
  const fills = { total: "ink", up: "afill", down: "grey" };
  const wide = place.clientWidth > 460;
  const rows = all.filter((row) => wide || row.dataset.kind === "total" || row.dataset.from !== row.dataset.to);
  chart.setOption({
    animation: false,
    grid: { left: 0, right: 0, top: 26, bottom: 28 },
    xAxis: {
      type: "category", data: rows.map((row) => row.dataset.label), axisTick: { show: false },
      axisLine: { lineStyle: { color: colour("ink") } },
      axisLabel: { color: colour("ink2"), fontSize: 13, fontFamily: sans(), interval: 0, margin: 10 },
    },
    yAxis: { type: "value", show: false },
    series: [{
      type: "custom", silent: true, data: rows.map((row, n) => [n, Number(row.dataset.from), Number(row.dataset.to)]),
      encode: { x: 0, y: [1, 2] },
      renderItem: (params, api) => {
        const row = rows[params.dataIndex];
        const [x, from] = api.coord([api.value(0), api.value(1)]);
        const to = api.coord([api.value(0), api.value(2)])[1];
        const band = api.size([1, 0])[0];
        const half = band * 0.3;
        const bold = row.dataset.kind === "total";
        const children = [
          { type: "rect", shape: { x: x - half, y: Math.min(from, to), width: 2 * half, height: Math.max(1.5, Math.abs(from - to)) }, style: { fill: colour(fills[row.dataset.kind]) } },
          { type: "text", style: { text: row.dataset.text, x, y: Math.min(from, to) - 6, align: "center", verticalAlign: "bottom", fill: colour("ink"), font: `${bold ? 600 : 400} ${wide ? 14 : 13}px ${sans()}` } },
        ];
        if (params.dataIndex < rows.length - 1)
          children.push({ type: "line", shape: { x1: x + half, y1: to, x2: x + band - half, y2: to }, style: { stroke: colour("rule2"), lineDash: [3, 3], lineWidth: 1 } });
        return { type: "group", children };
      },
    }],
  }, true);
}

// A line with its range: one drawing over the months, named at its right end.
function runoff(rows, place, chart) {
  const wide = place.clientWidth > 460;
  const data = rows.map((row, n) => [n, Number(row.dataset.low), Number(row.dataset.expected), Number(row.dataset.high)]);
  const every = Math.ceil(rows.length / (wide ? 6 : 3));
  const axis = { axisTick: { show: false }, axisLabel: { color: colour("ink2"), fontSize: 13, fontFamily: sans() } };
  chart.setOption({
    animation: false,
    grid: { left: 0, right: 12, top: 12, bottom: 28, containLabel: true },
    xAxis: { ...axis, type: "category", boundaryGap: false, data: rows.map((row) => row.dataset.label), axisLine: { lineStyle: { color: colour("ink") } },
      axisLabel: { ...axis.axisLabel, interval: (n) => n % every === 0, margin: 10, align: "left" } },
    yAxis: { ...axis, type: "value", min: 0, splitNumber: 3, axisLine: { show: false }, splitLine: { lineStyle: { color: colour("rule") } },
      axisLabel: { ...axis.axisLabel, formatter: write } },
    series: [{
      type: "custom", silent: true, data, encode: { x: 0, y: [1, 2, 3] },
      renderItem: (params, api) => {
        if (params.dataIndex) return { type: "group", children: [] };
        const line = (column) => data.map((row) => api.coord([row[0], row[column]]));
        const band = [...line(3), ...line(1).reverse()];
        return { type: "group", children: [
          { type: "polygon", shape: { points: band }, style: { fill: colour("pfill"), opacity: 0.22 } },
          { type: "polyline", shape: { points: line(2) }, style: { stroke: colour("points"), lineWidth: 2, fill: null } },
        ] };
      },
    }],
  }, true);
}

const drawings = { flows, waterfall, runoff };

function start(figure) {
  const place = figure.querySelector(".chart");
  const table = document.getElementById(figure.dataset.table);
  const button = document.querySelector(`[data-show="${table.id}"]`);
  const rows = [...table.querySelectorAll("tbody tr[data-label]")];
  place.hidden = button.hidden = false;
  table.hidden = true;
  const chart = echarts.init(place, null, { renderer: "svg" });
  const draw = () => { chart.resize(); drawings[figure.dataset.chart](rows, place, chart, Number(figure.dataset.scale || 1)); };
  button.addEventListener("click", () => {
    table.hidden = !table.hidden;
    figure.hidden = !table.hidden;
    button.textContent = table.hidden ? "Show as table" : "Show as chart";
    button.setAttribute("aria-expanded", String(!table.hidden));
    if (!figure.hidden) draw();
  });
  document.documentElement.addEventListener("theme", draw);
  new ResizeObserver(draw).observe(figure);
}

document.addEventListener("DOMContentLoaded", () => {
  probe.hidden = true;
  document.body.append(probe);
  document.fonts.ready.then(() => document.querySelectorAll("[data-chart]").forEach(start));
});
