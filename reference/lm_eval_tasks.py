"""What lm-evaluation-harness 0.4.13 makes of small tasks with tiny seeded models.

Two models: published/llama (byte-fallback BPE, <s> before each text, a context of 64) and a GPT-2
that this script makes, published/gpt2 (byte-level BPE, nothing put around texts, a context of 128, a
chat template). Tasks are made of sentences that are not true of anything; what counts is that they are
tokenised, chosen, scored and summed up as the harness does it.

Writes core/src/test/resources/dev/slipway/infer/evaluate: items.jsonl, shots.jsonl, texts.jsonl and
expected.json, with the results of every item; and published/gpt2 beside published/llama.

    python reference/lm_eval_tasks.py      (in an environment with lm-eval-requirements.txt)
"""

import json
import os
import pathlib
import random
import shutil
import zlib

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"

import lm_eval
import tokenizers
import torch
import transformers
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager

ROOT = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway"
OUT = ROOT / "infer/evaluate"
PUBLISHED = ROOT / "model/published"

torch.manual_seed(1)
torch.set_num_threads(1)

WORDS = "the hull tide turns ship sand land third pair hut red sea at dawn a old man reads no book".split()
CHAT = (
    "{% for m in messages %}{{ '<|' + m.role + '|>\\n' + m.content + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"
)


def gpt2():
    folder = PUBLISHED / "gpt2"
    shutil.rmtree(folder, ignore_errors=True)
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=330,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|endoftext|>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator([" ".join(WORDS)] * 10 + ["Answer: " + w for w in WORDS], trainer)
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|endoftext|>", eos_token="<|endoftext|>"
    )
    fast.chat_template = CHAT
    config = transformers.GPT2Config(
        vocab_size=len(fast), n_positions=128, n_embd=16, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0
    )
    model = transformers.AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
            noise = torch.randn(parameter.shape, generator=generator)
            scale = 0.2 if ".ln_" in name else 0.5 if "wte" in name else 0.3
            value = scale * noise + (1 if ".ln_" in name and name.endswith("weight") else 0)
            parameter.copy_(value.to(torch.bfloat16).to(torch.float32))
    model.to(torch.bfloat16).save_pretrained(folder)
    fast.save_pretrained(folder)


def sentence(draw, length):
    return " ".join(draw.choice(WORDS) for _ in range(length))


def rows(seed, count):
    draw = random.Random(seed)
    made = []
    for i in range(count):
        options = [sentence(draw, draw.randint(1, 4)) for _ in range(4)]
        if i % 5 == 1:
            options[draw.randrange(4)] = "\u6f6e \U0001f6a2 \u00e9"
        if i % 5 == 2:
            options[1] = options[0] + " at"
        made.append(
            {
                "question": sentence(draw, draw.randint(3, 9)) + ("?" if i % 3 else " \n"),
                "options": options,
                "label": draw.randrange(4),
                "rights": [],
                "goal": draw.choice(WORDS),
                "next": " " + draw.choice(WORDS),
                "others": [draw.choice(WORDS), draw.choice(WORDS).upper() + "!"],
            }
        )
        made[-1]["rights"] = [(made[-1]["label"] + 1) % 4, made[-1]["label"]]
    return made


def answered(made):
    """Some of the rows ask for what one of the models gives, so that not every answer is wrong."""
    for place, name in enumerate(("llama", "gpt2")):
        tokenizer = transformers.AutoTokenizer.from_pretrained(PUBLISHED / name)
        model = transformers.AutoModelForCausalLM.from_pretrained(PUBLISHED / name, dtype=torch.float32)
        for i, row in enumerate(made):
            if i % 4 == place:
                given = tokenizer(row["question"] + " ", return_tensors="pt").input_ids
                out = model.generate(given, do_sample=False, max_new_tokens=12, pad_token_id=0)[0, given.shape[1] :]
                text = tokenizer.decode(out, skip_special_tokens=True).split(" the")[0].split("\n\n")[0]
                row["goal"] = text
                row["others"][1] = text.upper() + "!"
                given = tokenizer(row["question"], return_tensors="pt").input_ids
                out = model.generate(given, do_sample=False, max_new_tokens=2, pad_token_id=0)[0]
                whole = tokenizer.decode(out, skip_special_tokens=True)
                row["next"] = whole[len(tokenizer.decode(given[0], skip_special_tokens=True)) :] or " sea"
    return made


def write(name, items):
    path = OUT / name
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items))
    return str(path)


def texts():
    draw = random.Random(5)
    made = [sentence(draw, n) for n in (1, 12, 30, 70, 160)]
    made[1] = "  " + made[1].replace(" sea", "\r\n\tsea \u6f6e") + " \n"
    return [{"text": text} for text in made]


def tasks(items, shots, text):
    data = {
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": items, "shots": shots}},
        "test_split": "test",
    }
    choice = {
        **data,
        "output_type": "multiple_choice",
        "doc_to_text": "Question: {{question}}\nAnswer:",
        "doc_to_choice": "{{options}}",
        "doc_to_target": "label",
        "metric_list": [{"metric": m, "aggregation": "mean", "higher_is_better": True} for m in ("acc", "acc_norm", "acc_bytes")],
    }
    generate = {
        **data,
        "output_type": "generate_until",
        "doc_to_text": "{{question}} ",
        "doc_to_target": "{{goal}}",
        "generation_kwargs": {"until": [" the", "\n\n"], "do_sample": False, "max_gen_toks": 12},
        "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
    }
    few = {"num_fewshot": 3, "fewshot_split": "shots"}
    return {
        "choice": choice,
        "choice-spaced": {**choice, "doc_to_text": "{{question}} so ", "target_delimiter": ""},
        "choice-few": {**choice, **few, "description": "Choose.\n\n"},
        "choice-own": {**choice, "num_fewshot": 2, "fewshot_split": "test", "fewshot_delimiter": "\n"},
        # Contexts to choose from, as Winogrande has them, and several right choices.
        "inputs": {**choice, "doc_to_text": "label", "doc_to_target": "{{question}}", "target_delimiter": ", "},
        "inputs-few": {**choice, **few, "num_fewshot": 2, "doc_to_text": "label", "doc_to_target": "{{question}}"},
        "targets": {**choice, "doc_to_target": "rights"},
        "choice-first": {**choice, **few, "num_fewshot": 1, "fewshot_config": {"sampler": "first_n"}},
        "likelihood": {
            **data,
            "output_type": "loglikelihood",
            "doc_to_text": "{{question}}",
            "doc_to_target": "{{next}}",
            "target_delimiter": "",
            "metric_list": [{"metric": m} for m in ("acc", "perplexity")],
        },
        "generate": generate,
        "generate-few": {**generate, **few, "num_fewshot": 2},
        "generate-loose": {
            **generate,
            "doc_to_target": "{{others}}",
            "metric_list": [
                {
                    "metric": "exact_match",
                    "aggregation": "mean",
                    "higher_is_better": True,
                    "ignore_case": True,
                    "ignore_punctuation": True,
                    "regexes_to_ignore": ["^\\s+", "(?<=^\\w{3}).*"],
                }
            ],
        },
        "text": {
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": text}},
            "test_split": "test",
            "output_type": "loglikelihood_rolling",
            "doc_to_text": "",
            "doc_to_target": "{{text}}",
            "metric_list": [{"metric": m} for m in ("word_perplexity", "byte_perplexity", "bits_per_byte")],
        },
    }


def strided(model, tokenizer, text, max_length, stride):
    """The code of the page "Perplexity of fixed-length models" in transformers' documentation."""
    encodings = tokenizer(text, return_tensors="pt")
    seq_len = encodings.input_ids.size(1)
    nll_sum = 0.0
    n_tokens = 0
    prev_end_loc = 0
    for begin_loc in range(0, seq_len, stride):
        end_loc = min(begin_loc + max_length, seq_len)
        trg_len = end_loc - prev_end_loc
        input_ids = encodings.input_ids[:, begin_loc:end_loc]
        target_ids = input_ids.clone()
        target_ids[:, :-trg_len] = -100
        with torch.no_grad():
            neg_log_likelihood = model(input_ids, labels=target_ids).loss
        num_valid_tokens = (target_ids != -100).sum().item()
        num_loss_tokens = num_valid_tokens - target_ids.size(0)
        nll_sum += neg_log_likelihood * num_loss_tokens
        n_tokens += num_loss_tokens
        prev_end_loc = end_loc
        if end_loc == seq_len:
            break
    return torch.exp(nll_sum / n_tokens).item()


def evaluate(name, configs, **options):
    folder = PUBLISHED / name
    lm = HFLM(pretrained=str(folder), dtype="float32", device="cpu", batch_size=1)
    found = {}
    for task, config in configs.items():
        result = lm_eval.simple_evaluate(
            lm,
            tasks=[{"task": task, **config}],
            bootstrap_iters=100,
            log_samples=True,
            **options,
        )
        samples = []
        for sample in sorted(result["samples"][task], key=lambda s: s["doc_id"]):
            kept = {"arguments": [list(a) for a in sample["arguments"]] if sample["doc_id"] < 3 else None}
            if config["output_type"] == "generate_until":
                kept["generated"] = sample["resps"][0][0]
                kept["arguments"] = kept["arguments"] and [[a[0]] for a in kept["arguments"]]
            elif config["output_type"] == "loglikelihood_rolling":
                kept["loglikelihoods"] = [round(sample["resps"][0][0], 5)]
            else:
                kept["loglikelihoods"] = [round(resp[0][0], 5) for resp in sample["resps"]]
            for metric in ("acc", "acc_norm", "acc_bytes", "exact_match"):
                if metric in sample:
                    kept[metric] = int(sample[metric])
            samples.append({key: value for key, value in kept.items() if value is not None})
        metrics = {
            key.replace(",none", ""): value
            for key, value in result["results"][task].items()
            if key.endswith(",none") and isinstance(value, (int, float))
        }
        found[task] = {"metrics": metrics, "samples": samples}
        print(name, task, metrics)
    return lm, found


def main():
    gpt2()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    items = write("items.jsonl", answered(rows(3, 24)))
    shots = write("shots.jsonl", rows(4, 30))
    text = write("texts.jsonl", texts())
    configs = tasks(items, shots, text)
    expected = {}
    for name in ("llama", "gpt2"):
        lm, found = evaluate(name, configs)
        length = 64 if name == "llama" else 128
        found["strided"] = {
            str(stride): strided(lm.model, lm.tokenizer, texts()[4]["text"], length, stride)
            for stride in (7, length // 2, length)
        }
        expected[name] = found
    chat = {task: configs[task] for task in ("choice", "choice-few", "inputs-few", "generate-few")}
    expected["gpt2-chat"] = evaluate(
        "gpt2", chat, apply_chat_template=True, fewshot_as_multiturn=False, system_instruction="Be brief."
    )[1]
    expected["gpt2-turns"] = evaluate(
        "gpt2", {"choice-few": chat["choice-few"]}, apply_chat_template=True, fewshot_as_multiturn=True
    )[1]
    (OUT / "expected.json").write_text(json.dumps(expected, indent=0, ensure_ascii=False) + "\n")
    print((OUT / "expected.json").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
