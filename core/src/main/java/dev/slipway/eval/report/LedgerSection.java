package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import dev.slipway.eval.report.ReportData.Ledger;
import dev.slipway.eval.report.ReportData.LedgerRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The sample ledger: a bar of shares by outcome, and the table with its sums. */
final class LedgerSection {
  private LedgerSection() {}

  static Markup body(Ledger ledger) {
    return html(
        """
        <div class="card scroll">{}<table><thead><tr><th scope="col">Outcome</th><th scope="col" class="left">Reason</th><th scope="col">Records</th><th scope="col">Bytes</th><th scope="col">Tokens</th></tr></thead><tbody>{}</tbody><tfoot><tr><th scope="row">Sum</th><td></td><td>{}</td><td>{}</td><td>{}</td></tr><tr><th scope="row">Input</th><td class="left">{}</td><td>{}</td><td>{}</td><td></td></tr></tfoot></table></div>
        """,
        shares(ledger),
        rows(ledger),
        Figures.count(ledger.records()),
        Figures.count(ledger.bytes()),
        Figures.count(ledger.tokens()),
        ledger.sumsEqual()
            ? html("<span class=\"good\">✓ the sums are equal</span>")
            : html("<span class=\"poor\">✗ the sums differ</span>"),
        Figures.count(ledger.inputRecords()),
        Figures.count(ledger.inputBytes()));
  }

  private static List<Markup> rows(Ledger ledger) {
    List<Markup> rows = new ArrayList<>();
    List<String> outcomes = List.copyOf(bytesByOutcome(ledger).keySet());
    for (LedgerRow row : ledger.rows()) {
      rows.add(
          html(
              """
              <tr><th scope="row"><span class="key o{}"><i></i>{}</span></th><td class="left">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>
              """,
              colour(outcomes.indexOf(row.outcome())),
              row.outcome(),
              row.reason(),
              Figures.count(row.records()),
              Figures.count(row.bytes()),
              Figures.count(row.tokens())));
    }
    return rows;
  }

  private static Markup shares(Ledger ledger) {
    long total = ledger.bytes();
    if (total == 0) {
      return Markup.NONE;
    }
    List<Markup> parts = new ArrayList<>();
    int i = 0;
    for (Map.Entry<String, Long> entry : bytesByOutcome(ledger).entrySet()) {
      double share = (double) entry.getValue() / total;
      parts.add(
          html(
              """
              <span class="o{}" style="flex-grow:{}" title="{}">{}</span>
              """,
              colour(i++),
              Figures.decimals(1000 * share, 2),
              entry.getKey() + ": " + Figures.percent(share) + " of the bytes",
              share > 0.08 ? entry.getKey() + " " + Figures.percent(share) : ""));
    }
    return html("<div class=\"shares\">{}</div>", parts);
  }

  private static Map<String, Long> bytesByOutcome(Ledger ledger) {
    Map<String, Long> bytes = new LinkedHashMap<>();
    for (LedgerRow row : ledger.rows()) {
      bytes.merge(row.outcome(), row.bytes(), Long::sum);
    }
    return bytes;
  }

  private static int colour(int outcome) {
    return Math.min(outcome, 4);
  }
}
