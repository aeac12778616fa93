import { colourAt, inkOn, rgbAt } from "../../figures/colour-scales.ts";
import { formatCosine } from "../../format/metric-text.ts";
import { shortNames } from "../../format/names.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { type CosineModel, cosineModelOf } from "../../views/cosine-model.ts";
import { useTheme } from "../use-theme.ts";

/** Several vectors against each other; nothing while there is one. */
export function CosineMatrices() {
  const model = useStudio(cosineModelOf);
  return model === null ? null : <Matrices model={model} />;
}

function Matrices({ model }: { readonly model: CosineModel }) {
  return (
    <section className="cosine-matrices" aria-label="Vectors against each other">
      {model.matrices.map(({ name, cosines }) => (
        <Matrix key={name} name={name} names={model.vectorNames} cosines={cosines} />
      ))}
    </section>
  );
}

interface MatrixProps {
  readonly name: string;
  readonly names: readonly string[];
  readonly cosines: readonly (readonly (number | null)[])[];
}

function Matrix({ name, names, cosines }: MatrixProps) {
  const theme = useTheme();
  const short = shortNames(names);
  return (
    <table className="cosine-matrix">
      <caption>{name}</caption>
      <thead>
        <tr>
          <td />
          {names.map((vector, v) => (
            <th key={vector} scope="col" title={vector}>
              {short[v]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {names.map((vector, v) => (
          <tr key={vector}>
            <th scope="row" title={vector}>
              {short[v]}
            </th>
            {names.map((other, w) => {
              const cosine = cosines[v]?.[w] ?? null;
              const place = cosine === null ? 0.5 : (cosine + 1) / 2;
              const style = {
                background: colourAt("diverging", theme, place),
                color: inkOn(rgbAt("diverging", theme, place)),
              };
              return (
                <td key={other} style={style}>
                  {cosine === null ? "–" : formatCosine(cosine)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
