export default function Unauthorized() {
  return <p role="alert">Sign in first.</p>;
}
