import { Composer, type CST, type Document, Lexer, Parser, type YAMLParseError } from "yaml";
import { StudioError } from "../../errors.ts";
import { maximumRecipeLength, maximumYamlDepth, maximumYamlTokenCount } from "../../limits.ts";
import { YamlSource } from "./yaml-source.ts";

export interface ParsedYaml {
  readonly source: YamlSource;
  readonly document: Document.Parsed;
}

/**
 * One YAML document without syntax errors. `version` decides what plain words mean: mergekit reads YAML 1.1 ("yes" is true,
 * "<<" merges), recipes are YAML 1.2. Throws `recipe-invalid` for anything else, and for a text that is larger or nested
 * deeper than a recipe can be; keys that stand twice and tags are left to `locate`.
 */
export function parseYaml(text: string, where: string, version: "1.1" | "1.2"): ParsedYaml {
  if (text.length > maximumRecipeLength) {
    throw new StudioError({
      code: "recipe-invalid",
      what: "the file is too long for a recipe",
      where,
      expected: `at most ${maximumRecipeLength} characters`,
      actual: `${text.length}`,
    });
  }
  const source = new YamlSource(where);
  const tokens = readTokens(text, source);
  // Keys that stand twice are found by `locate` in one pass; the library compares each with each.
  const composer = new Composer({ version, uniqueKeys: false, prettyErrors: false, logLevel: "silent" });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  if (document === undefined) throw new Error("a YAML text without a document");
  const [first] = document.errors;
  if (first !== undefined) throw syntaxError(source, first);
  if (second !== undefined) {
    throw source.invalid(second.range[0], {
      what: "the file holds several documents",
      expected: "one recipe in a file",
    });
  }
  return { source, document };
}

/** Drives the library's parser step by step: what it builds is walked recursively later, so its depth is bounded while it grows. */
function readTokens(text: string, source: YamlSource): CST.Token[] {
  const parser = new Parser(source.lines.addNewLine);
  const tokens: CST.Token[] = [];
  let tokenCount = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (++tokenCount > maximumYamlTokenCount) {
      throw source.invalid(parser.offset, { what: "the file has too many entries for a recipe" });
    }
    if (parser.stack.length > maximumYamlDepth) {
      throw source.invalid(parser.offset, {
        what: "lists and mappings are nested too deeply, or a line has a second “: ”",
        expected: `at most ${maximumYamlDepth} levels`,
      });
    }
  }
  tokens.push(...parser.end());
  return tokens;
}

/** The commonest slips in words of our own; for the rest the library's sentence is good. */
const syntaxAdvice: Partial<Record<YAMLParseError["code"], string>> = {
  TAB_AS_INDENT: "YAML indents with spaces; replace the tab",
  BAD_INDENT: "Align it with the entries above",
  BAD_SCALAR_START: "Put the text in quotes",
  BLOCK_AS_IMPLICIT_KEY: "Put text that contains “: ” in quotes",
  MISSING_CHAR: "A bracket or quote is not closed, or a space is missing after “:” or before “#”",
};

function syntaxError(source: YamlSource, { pos, code, message }: YAMLParseError): StudioError {
  const sentence = message.split("\n")[0] ?? message;
  const isUnclosed = code === "BAD_INDENT" && message.startsWith("Flow");
  const advice = syntaxAdvice[isUnclosed ? "MISSING_CHAR" : code];
  return source.invalid(pos[0], {
    what: `this is not YAML: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`,
    ...(advice === undefined ? {} : { advice }),
  });
}
