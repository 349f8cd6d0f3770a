// Answers to what is asked at about the same time are taken at once: what they change is laid out and painted in one frame.
const LONGEST_MS = 250;
const underway = new Set();

/** That answer, once the others that are under way have come too; one that is long in coming keeps nobody. */
export async function together(answer) {
  const came = () => underway.delete(answer);
  underway.add(answer);
  answer.then(came, came);
  const value = await answer;
  await Promise.race([Promise.allSettled(underway), new Promise((resolve) => setTimeout(resolve, LONGEST_MS))]);
  return value;
}
