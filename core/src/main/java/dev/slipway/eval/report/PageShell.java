package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import dev.slipway.eval.report.ReportData.Tile;
import java.util.ArrayList;
import java.util.List;

/** What every report's page has around its sections. */
final class PageShell {
  private PageShell() {}

  /** The page's text, to be written as UTF-8. The same data give the same bytes. */
  static String page(
      String title, String subtitle, String verdict, List<Tile> tiles, List<Markup> sections) {
    return html(
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="Slipway">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
            <title>{}</title>
            <style>{}{}</style>
            </head>
            <body>
            <header class="hero">
            <div class="brand"><svg viewBox="0 0 32 32" aria-hidden="true"><path d="M3 17h26l-4 8H8z"/><path d="M15 5v10H7z"/><path d="M17 8l8 7h-8z"/><path class="water" d="M2 28q3.5-2 7 0t7 0 7 0 7 0"/></svg>Slipway</div>
            <p class="run"><b>{}</b> {}</p>
            <h1>{}</h1>
            {}
            </header>
            <main>
            {}
            </main>
            <footer>Made by Slipway. This page stands alone: no script, no request.</footer>
            </body>
            </html>
            """,
            title + " · Slipway",
            Stylesheets.report(),
            Stylesheets.chart(),
            title,
            subtitle,
            verdict,
            tiles(tiles),
            sections)
        .source();
  }

  private static Markup tiles(List<Tile> tiles) {
    if (tiles.isEmpty()) {
      return Markup.NONE;
    }
    List<Markup> parts = new ArrayList<>();
    for (Tile tile : tiles) {
      parts.add(
          html(
              """
              <div class="tile"><div class="name">{}</div><div class="figure">{}</div><div class="note">{}</div></div>
              """,
              tile.label(),
              tile.value(),
              tile.note()));
    }
    return html("<div class=\"tiles\">{}</div>", parts);
  }
}
