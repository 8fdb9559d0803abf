export default function Forbidden() {
  return <p role="alert">Only an administrator may do this.</p>;
}
