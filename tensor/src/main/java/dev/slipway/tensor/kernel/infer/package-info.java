/**
 * What answers are computed by. A row's bits depend neither on its neighbours nor on how a prompt
 * is cut.
 *
 * <ul>
 *   <li>Products of rows by weights that were packed at load: {@link
 *       dev.slipway.tensor.kernel.infer.PackedLinear}, its gate and its adapters ({@link
 *       dev.slipway.tensor.kernel.infer.LowRank}); {@code Tiles}, {@code Compact…} and {@code
 *       Pack…} below them.
 *   <li>Attention over keys and values in blocks: {@link
 *       dev.slipway.tensor.kernel.infer.PagedAttention}; {@code AttentionTiles} and {@code
 *       ByteAttentionTiles} below it.
 *   <li>Loops over rows: {@link dev.slipway.tensor.kernel.infer.DecodeNorm}, {@link
 *       dev.slipway.tensor.kernel.infer.EmbeddingRows}; {@code RowTiles} below them.
 * </ul>
 *
 * <p>Each {@code …Tiles} is computed by machine code, which a {@code …Code} writes, or by the
 * Vector API in a {@code Row…}, with the same bits.
 */
@NullMarked
package dev.slipway.tensor.kernel.infer;

import org.jspecify.annotations.NullMarked;
