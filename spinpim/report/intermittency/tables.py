"""The tables of machines on harvested power."""

from __future__ import annotations

from spinpim.report.markup import Markup, amount, table
from spinpim.study.intermittency import Outcome, Survey
from spinpim.study.intermittency.start import Surveyed

WORDS = {
    "volatile": "nothing is kept",
    "images": "results, every {} images",
    "layers": "what layers hand on, every {} layers",
    "windows": "the same, every {} windows",
    "operations": "the same with partial sums, every {} row operations",
    "balanced": "the same, as often as costs least",
    "additions": "sums in the adders' own cells, each addition",
    "threshold": "upon a warning, in rows",
    "flip_flops": "upon a warning, sums in flip-flops",
}


def policy_words(one: Outcome) -> str:
    """What is kept, in words."""
    return WORDS[one.policy.kind].format(one.policy.every)


def outcomes_table(survey: Survey, trace: str, capacitance_F: float) -> Markup:
    """Every machine and policy under one supply and capacitor."""
    rows = []
    for one in survey.under(trace, capacitance_F):
        name = survey.label(one)
        if one.result is None:
            rows.append([name, one.refusal, *[""] * 10])
            continue
        found = one.result
        rows.append(
            [
                name,
                policy_words(one) if one.machine == survey.memory.machine else "another machine, volatile",
                f"{found.images_per_J:,.0f}",
                f"{found.images_per_hour:,.0f}",
                f"{found.forward_progress:.3f}",
                f"{found.forward_progress_time:.3f}",
                f"{found.lost_share:.3f}",
                f"{found.keeping_share:.3f}",
                f"{found.cuts:,}",
                f"{found.saves_wrong:,} / {found.states_lost:,}",
                f"{found.state_at_risk_bits:,}",
                "never" if one.first_image_s is None else amount(one.first_image_s, "s"),
            ]
        )
    headings = (
        "policy or machine",
        "what is kept",
        "images per harvested joule",
        "images per hour",
        "progress, energy",
        "progress, time",
        "done again",
        "saves and restores",
        "power cuts",
        "wrong saves / states lost",
        "digits at risk",
        "first image after",
    )
    caption = f"{trace}, {amount(capacitance_F, 'F')}, {amount(survey.duration_s, 's')}."
    return table(caption, headings, rows)


def machines_table(survey: Survey) -> Markup:
    """What each machine takes for an image without cuts, and for waking up."""
    rows = [
        [
            work.machine,
            amount(work.image_J, "J"),
            amount(work.image_s, "s"),
            amount(work.mean_power_W, "W"),
            amount(work.wake_J, "J") if work.wake_J else "nothing",
        ]
        for work in (survey.memory, *survey.others)
    ]
    headings = (
        "machine",
        "energy of an image",
        "time",
        "power while it works",
        "weights read again at each wake",
    )
    return table(f"Without power cuts, {survey.memory.network}.", headings, rows)


def keeping_table(found: Surveyed) -> Markup:
    """Prices of keeping a digit, all from the device and the circuit."""
    keeping = found.survey.memory.keeping
    if keeping is None:
        return Markup("")
    error = found.array.write
    rows = [
        ["writing a digit", amount(keeping.write_J, "J")],
        ["reading a digit", amount(keeping.read_J, "J")],
        ["choosing a row", amount(keeping.select_J, "J")],
        ["writing a row", amount(keeping.row_write_s, "s")],
        ["reading a row", amount(keeping.row_read_s, "s")],
        ["a digit is not written", f"{error.conservative:.2g} ({error.method})"],
        ["a cell flips by itself", f"{keeping.loss_Hz:.2g} per second"],
    ]
    return table("What keeping takes in cells of this device.", ("", "value"), rows)


def break_even_table(found: Surveyed) -> Markup:
    """Below which energy of a write sums kept at each addition make most progress."""
    curves = found.curves
    if curves is None:
        return Markup("")
    periodic = tuple(one for one in curves.policies if one not in ("threshold", "flip_flops"))
    limits = curves.write_at_break_even_J("additions", among=periodic)
    own = found.survey.memory.keeping
    operations = sum(phase.operations for phase in found.survey.memory.phases)
    each_J = found.survey.memory.image_J / operations
    rows = []
    for place, period in enumerate(curves.period_J):
        if not curves.progress[:, place].any():
            continue
        limit = float(limits[place])
        if limit == 0.0:
            words = f"not even at {amount(float(curves.write_J[0]), 'J')}"
        elif limit == float("inf"):
            words = "at all computed"
        else:
            words = f"below {amount(limit, 'J')}" + (
                f", {own.write_J / limit:,.0f} times less" if own else ""
            )
        rows.append([amount(float(period), "J"), f"{period / each_J:,.0f}", words])
    headings = ("energy between cuts", "row operations", "sums kept at each addition lead")
    return table(
        "Energy of a write below which keeping each sum leads all that save now and then.", headings, rows
    )


def map_table(found: Surveyed) -> Markup:
    """The best policy in each place of the map."""
    chart = found.map
    if chart is None:
        return Markup("")
    rows = []
    for i, power in enumerate(chart.mean_power_W):
        for j, rate in enumerate(chart.failure_rate_Hz):
            cells = [
                "nothing works"
                if chart.best[i, j, k] < 0
                else f"{chart.policies[chart.best[i, j, k]]} ({chart.kept[:, i, j, k].max():.2f})"
                for k in range(len(chart.capacitance_F))
            ]
            rows.append([f"{amount(float(power), 'W')}, {rate:g} Hz", *cells])
    headings = ("mean power, failures", *(amount(float(one), "F") for one in chart.capacitance_F))
    caption = "Best policy, and the share of the harvested energy in work that was not undone."
    return table(caption, headings, rows)
