// Draws the charts from the JSON in the page. Everything else works without it.
(() => {
  "use strict";

  const source = document.getElementById("chart-data");
  if (!source || typeof Chart === "undefined") return;
  // The drawings stand for the charts until here, and on paper.
  document.documentElement.classList.add("with-charts");
  const data = JSON.parse(source.textContent);
  const starts = data.starts.map((day) => new Date(`${day}T00:00:00Z`));
  const utc = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
  const format = {
    day: utc({ weekday: "short", day: "numeric", month: "long", year: "numeric" }),
    plain: utc({ day: "numeric", month: "long", year: "numeric" }),
    month: utc({ month: "long", year: "numeric" }),
  };
  const monthTick = new Intl.DateTimeFormat("en", { timeZone: "UTC", month: "short" });
  const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
  const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  const names = {
    views: "views", unique_visitors: "unique visitors",
    clones: "clones", unique_cloners: "unique cloners",
    stars: "stars", forks: "forks", watchers: "watchers",
    open_issues: "open issues and pull requests", downloads: "downloads",
  };

  // --- Colours come from the style sheet; paper is always light.
  let colours;
  const readColours = () => {
    const style = getComputedStyle(document.documentElement);
    colours = Object.fromEntries(
      ["ink", "soft", "rule", "card", "total", "total-area", "unique", "gap", "mark"].map((name) => [
        name, style.getPropertyValue(`--${name}`).trim(),
      ]),
    );
  };

  // --- What stands below the horizontal axis: labels at round dates, as many as have room.
  const everyFitting = (positions, most, steps, measure) => {
    const step = steps.find((every) => positions.length / every <= most) ?? steps.at(-1);
    return positions.filter((position) => measure(starts[position]) % step === 0);
  };
  const firstOf = (part) => starts
    .map((start, position) => [start[part](), position])
    .filter(([value, position]) => position === 0
      ? starts[0].getUTCDate() === 1 && (part === "getUTCMonth" || starts[0].getUTCMonth() === 0)
      : value !== starts[position - 1][part]())
    .map(([, position]) => position);
  const tickPositions = (room) => {
    const most = Math.max(2, Math.floor(room / 72));
    const months = firstOf("getUTCMonth");
    if (months.length > most * 4) return everyFitting(firstOf("getUTCFullYear"), most, [1, 2, 3, 5, 10], (start) => start.getUTCFullYear());
    if (months.length > 4) return everyFitting(months, most, [1, 2, 3, 4, 6, 12], (start) => start.getUTCMonth());
    const all = starts.map((_, position) => position);
    if (all.length <= most) return all;
    // Days or weeks of a few months: Mondays, or every second or fourth one.
    const mondays = data.by === "day" ? all.filter((position) => starts[position].getUTCDay() === 1) : all;
    return everyFitting(mondays, most, [1, 2, 4, 8], (start) => Math.floor((start / 86400000 - 4) / 7));
  };
  const tickLabel = (position, ticks) => {
    const start = starts[position];
    const byYear = ticks.length > 1 && starts[ticks[1].value] - starts[ticks[0].value] > 300 * 86400000;
    const month = monthTick.format(start);
    if (byYear) return String(start.getUTCFullYear());
    if (firstOf("getUTCMonth").length <= 4) return `${start.getUTCDate()} ${month}`;
    return start.getUTCMonth() === 0 ? String(start.getUTCFullYear()) : month;
  };

  // --- Where nothing was collected the ground is shaded, from the repository's first day on.
  const gaps = {
    id: "gaps",
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales: { x } } = chart;
      const values = chart.data.datasets.at(-1).data;
      const { repository, total } = chart.canvas.dataset;
      const first = isTraffic(total) ? data.repositories[repository].first : undefined;
      const half = values.length > 1 ? (x.getPixelForValue(1) - x.getPixelForValue(0)) / 2 : area.width / 2;
      ctx.save();
      ctx.fillStyle = colours.gap;
      for (let from = first ?? values.findIndex((value) => value !== null); from < values.length; from += 1) {
        if (values[from] !== null) continue;
        let to = from;
        while (to + 1 < values.length && values[to + 1] === null) to += 1;
        const left = Math.max(area.left, x.getPixelForValue(from) - half);
        const right = Math.min(area.right, x.getPixelForValue(to) + half);
        ctx.fillRect(left, area.top, right - left, area.height);
        from = to;
      }
      ctx.restore();
    },
  };

  // --- Releases and notes: an upright line; the tooltip and the list below the charts say what.
  const marks = {
    id: "marks",
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales: { x } } = chart;
      ctx.save();
      ctx.strokeStyle = colours.mark;
      ctx.lineWidth = 1;
      ctx.setLineDash([3, 3]);
      for (const [position] of data.repositories[chart.canvas.dataset.repository].marks ?? []) {
        const at = Math.round(x.getPixelForValue(position)) + 0.5;
        ctx.beginPath();
        ctx.moveTo(at, area.top);
        ctx.lineTo(at, area.bottom);
        ctx.stroke();
      }
      ctx.restore();
    },
  };

  const title = (position) => {
    const start = starts[position];
    if (data.by === "day") return format.day.format(start);
    if (data.by === "month") return format.month.format(start);
    return `Week from ${format.plain.format(start)}`;
  };

  const isTraffic = (name) => ["views", "unique_visitors", "clones", "unique_cloners"].includes(name);

  const dataset = (repository, name, colour, area, dot) => {
    const values = repository[name];
    const growing = new Set(isTraffic(name) ? repository.growing : []);
    const alone = (n) => values[n] !== null && (values[n - 1] ?? null) === null && (values[n + 1] ?? null) === null;
    return {
      name,
      label: names[name],
      data: values,
      borderWidth: 2,
      borderColor: () => colours[colour],
      backgroundColor: () => colours["total-area"],
      fill: area ? "origin" : false,
      spanGaps: false,
      borderJoinStyle: "round",
      tension: 0,
      clip: 6,
      segment: { borderDash: (part) => (growing.has(part.p1DataIndex) ? [4, 3] : undefined) },
      pointRadius: (part) => (growing.has(part.dataIndex) ? dot : alone(part.dataIndex) ? 2 : 0),
      pointHoverRadius: 4,
      pointBorderWidth: 1.5,
      pointBackgroundColor: (part) => (growing.has(part.dataIndex) ? colours.card : colours[colour]),
      pointBorderColor: () => colours[colour],
      pointHoverBackgroundColor: () => colours[colour],
    };
  };

  const footer = (repository, name, position) => {
    const lines = [];
    if (isTraffic(name) && repository.collected && data.by !== "day") {
      const collected = repository.collected[position];
      if (collected < data.days[position]) lines.push(`${collected} of ${data.days[position]} days collected`);
      else if (data.by === "week" && collected < 7) lines.push(`${collected} days of the week`);
    }
    if (isTraffic(name) && repository.growing?.includes(position)) lines.push("not final");
    for (const [at, texts] of repository.marks ?? []) if (at === position) lines.push(...texts);
    return lines;
  };

  const charts = new Map();
  const draw = (canvas) => {
    if (charts.has(canvas)) return;
    const repository = data.repositories[canvas.dataset.repository];
    const { total, unique } = canvas.dataset;
    const isState = "state" in canvas.dataset;
    const suffix = data.by === "month" && !isState ? " a day" : "";
    const isLarge = canvas.closest(".large") !== null;
    const dot = canvas.parentElement.clientWidth / starts.length < 6 ? 1.5 : 3;
    charts.set(canvas, new Chart(canvas, {
      type: "line",
      data: {
        labels: data.starts,
        datasets: [
          ...(unique ? [dataset(repository, unique, "unique", false, dot)] : []),
          dataset(repository, total, "total", !isState, dot),
        ],
      },
      plugins: [gaps, marks],
      options: {
        animation: false,
        maintainAspectRatio: false,
        normalized: true,
        interaction: { mode: "index", intersect: false },
        layout: { padding: { top: 4, right: 6 } },
        scales: {
          x: {
            offset: starts.length === 1,
            border: { color: () => colours.soft },
            grid: { display: false },
            afterBuildTicks(axis) {
              axis.ticks = tickPositions(axis.width || axis.chart.width).map((value) => ({ value }));
            },
            ticks: {
              autoSkip: false, maxRotation: 0, color: () => colours.soft,
              font: { size: 11 }, callback: (value, _, ticks) => tickLabel(value, ticks),
            },
          },
          y: {
            beginAtZero: !isState,
            // The same for all, so that days stand below each other.
            afterFit(axis) { axis.width = 38; },
            suggestedMax: isState ? undefined : 4,
            border: { display: false },
            grid: { color: () => colours.rule, drawTicks: false },
            ticks: {
              precision: 0, maxTicksLimit: isLarge ? 6 : 4, padding: 6, color: () => colours.soft,
              font: { size: 11 }, callback: (value) => short.format(value),
            },
          },
        },
        plugins: {
          legend: { display: false },
          tooltip: {
            reverse: true, displayColors: true, boxWidth: 8, boxHeight: 8, padding: 10, cornerRadius: 6,
            itemSort: (one, other) => other.datasetIndex - one.datasetIndex,
            callbacks: {
              title: (items) => (items.length ? title(items[0].dataIndex) : ""),
              label: (item) => ` ${number.format(item.parsed.y)} ${item.dataset.label}${suffix}`,
              labelColor: (item) => ({
                borderColor: item.dataset.borderColor(), backgroundColor: item.dataset.borderColor(),
              }),
              footer: (items) => (items.length ? footer(repository, total, items[0].dataIndex) : []),
            },
          },
        },
      },
    }));
  };

  readColours();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  const canvases = [...document.querySelectorAll("canvas[data-repository]")];

  // Charts far below are drawn when they come near: fifty repositories have a hundred of them.
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      observer.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "400px" });
  canvases.forEach((canvas) => observer.observe(canvas));

  const redraw = () => {
    readColours();
    charts.forEach((chart) => chart.update("none"));
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

  // Empty fields would only make the address longer.
  document.querySelector("form.range")?.addEventListener("submit", (event) => {
    for (const field of event.target.elements) if (field.value === "") field.disabled = true;
  });
  addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("form.range [disabled]")) field.disabled = false;
  });
})();
