package dev.slipway.data.conversation;

import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.EntityTree;
import com.sun.source.doctree.InheritDocTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ReturnTree;
import com.sun.source.doctree.SummaryTree;
import com.sun.source.doctree.TextTree;
import com.sun.source.util.SimpleDocTreeVisitor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Javadoc sentence as plain text: markup gone, code and links as the words in them. */
final class SummaryText extends SimpleDocTreeVisitor<@Nullable Void, StringBuilder> {
  private static final Map<String, String> ENTITIES =
      Map.of("lt", "<", "gt", ">", "amp", "&", "quot", "\"", "nbsp", " ", "apos", "'");

  private boolean inherited;

  /** The text, empty where it is another method's. */
  String of(List<? extends DocTree> sentence) {
    inherited = false;
    StringBuilder text = new StringBuilder();
    visit(sentence, text);
    return inherited ? "" : text.toString().replaceAll("\\s+", " ").strip();
  }

  @Override
  public @Nullable Void visitText(TextTree text, StringBuilder out) {
    out.append(text.getBody());
    return null;
  }

  @Override
  public @Nullable Void visitLiteral(LiteralTree literal, StringBuilder out) {
    out.append(literal.getBody().getBody());
    return null;
  }

  @Override
  public @Nullable Void visitLink(LinkTree link, StringBuilder out) {
    if (link.getLabel().isEmpty()) {
      String reference = link.getReference().getSignature();
      out.append(reference.replaceFirst("^#", "").replace('#', '.'));
    } else {
      visit(link.getLabel(), out);
    }
    return null;
  }

  @Override
  public @Nullable Void visitEntity(EntityTree entity, StringBuilder out) {
    out.append(ENTITIES.getOrDefault(entity.getName().toString(), entity.toString()));
    return null;
  }

  @Override
  public @Nullable Void visitReturn(ReturnTree returned, StringBuilder out) {
    out.append("Returns ");
    visit(returned.getDescription(), out);
    out.append('.');
    return null;
  }

  @Override
  public @Nullable Void visitSummary(SummaryTree summary, StringBuilder out) {
    return visit(summary.getSummary(), out);
  }

  @Override
  public @Nullable Void visitInheritDoc(InheritDocTree inherit, StringBuilder out) {
    inherited = true;
    return null;
  }
}
