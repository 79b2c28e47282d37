/** What a command may say about how the program ends, beside throwing. */
export interface Outcome {
  exitCode: number;
}
