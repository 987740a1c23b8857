"""What compare.py found, as a Markdown table and as plots."""

import os

OURS = "rope"


def write_versions(found):
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    absent = "".join(f"; {name}: {reason}" for name, reason in found["absent"].items())
    return f"{found['processor']}, one thread, processor time, medians of {found['rounds']} rounds. {versions}{absent}."


def get_names(works):
    """The contenders of any of the works, ours first, in the order of their first work."""
    return list(dict.fromkeys(name for work in works for name in work["contenders"]))


def write_cell(contenders, name):
    """A time as a multiple of ours, or what was said instead."""
    one, ours = contenders.get(name), contenders.get(OURS)
    if one is None:
        return "-"
    if isinstance(one, str):
        return one.split(":")[0]
    if isinstance(ours, str):
        return "%.3g ms" % (1e3 * one["seconds"])
    return "%.2f" % (one["seconds"] / ours["seconds"])


def write_table(found):
    works = [work for work in found["works"] if not work["series"]]
    peers = [name for name in get_names(works) if name != OURS]
    lines = ["| work | rope | " + " | ".join(peers) + " |", "|---" * (len(peers) + 2) + "|"]
    for work in works:
        ours = work["contenders"][OURS]
        first = ours if isinstance(ours, str) else "%.3g ms, %.3g %s" % (1e3 * ours["seconds"], ours["figure"], work["unit"])
        cells = [write_cell(work["contenders"], name) for name in peers]
        lines.append(f"| {work['name']} | {first} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", write_versions(found)])


def draw(path, title, xlabel, ylabel, lines, log_y):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "rope", "svg.fonttype": "none"})
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8.4, 4.2), layout="constrained")
    for name, (x, y) in lines.items():
        ours = name == OURS
        axes.plot(x, y, marker="o", markersize=3, label=name, linewidth=2.2 if ours else 1.2,
                  color="black" if ours else None, zorder=3 if ours else 2)
    axes.set_xscale("log", base=2)
    if log_y:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right upper", fontsize=8)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def get_series(found, kind):
    """name -> (sizes, figures)."""
    works = [work for work in found["works"] if work["series"] and work["kind"] == kind]
    lines = {}
    for name in get_names(works):
        points = [(work["size"], work["contenders"][name]["figure"]) for work in works
                  if isinstance(work["contenders"].get(name), dict)]
        if points:
            lines[name] = tuple(zip(*points))
    return lines


def write_plots(found, folder):
    os.makedirs(folder, exist_ok=True)
    draw(os.path.join(folder, "rope-time.svg"), "Rotation, f32, 8 heads of 128 lanes", "positions", "ns an element",
         get_series(found, "rope"), log_y=True)
    draw(os.path.join(folder, "attention-rate.svg"), "Rotated causal attention, f32, 8 heads on 2, 64 lanes", "positions",
         "GF/s", get_series(found, "attention"), log_y=False)
    tables = found["tables"]
    draw(os.path.join(folder, "table-error.svg"), "Tables of f32, base 500000, 128 lanes", "position", "greatest error",
         {name: (tables["positions"], errors) for name, errors in tables["errors"].items()}, log_y=True)
