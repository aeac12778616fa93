import type { ElectronApplication } from "@playwright/test";

interface Asked {
  readonly questions: string[];
  answers: number[];
}

/** Answers the next questions of message boxes with these buttons, one after another; a further one is left open. */
export async function answerMessageBoxes(app: ElectronApplication, answers: readonly number[]): Promise<void> {
  await app.evaluate(({ dialog }, given) => {
    const asked: Asked = { questions: [], answers: [...given] };
    Object.assign(globalThis, { askedByTest: asked });
    const answer = async (...words: readonly unknown[]) => {
      const options = words.at(-1) as { readonly message: string };
      asked.questions.push(options.message);
      const response = asked.answers.shift();
      return response === undefined ? await new Promise<never>(() => {}) : { response, checkboxChecked: false };
    };
    dialog.showMessageBox = answer as typeof dialog.showMessageBox;
  }, answers);
}

/** What was asked since. */
export function questionsAsked(app: ElectronApplication): Promise<readonly string[]> {
  return app.evaluate(() => (globalThis as unknown as { askedByTest: Asked }).askedByTest.questions);
}
